"""What an EMGO-1 promises in INFO and in its profile, against what STATUS, its packets and pings show."""

from __future__ import annotations

from collections.abc import Sequence

from emgorder.acquisition.board_heard import BoardHeard, read_board
from emgorder.acquisition.checks import Check
from emgorder.acquisition.promises_timing import timing_promises
from emgorder.acquisition.streams import SensorStream
from emgorder.acquisition.transport import LinkEvent, Packet
from emgorder.errors import PacketError
from emgorder.sensors.emgo1_control import read_info

__all__ = ["emgo1_promises", "info_check"]

_WAIT_S = 0.15  # judged: what the guided test can live with; the reference firmware drops from 192 frames on


def info_check(told: Sequence[str]) -> Check:
    """Return what INFO (hexadecimal, each time it was read) says of a board, in words.

    Examples
    --------
    >>> info_check([]).text
    'INFO: promised, but there is none'
    """
    remedy = "Without it neither scale nor rate is known: flash the firmware again"
    if not told:
        return Check(False, "INFO: promised, but there is none", remedy)
    try:
        info = read_info(bytes.fromhex(told[0]))
    except (ValueError, PacketError) as error:
        return Check(False, f"INFO cannot be read: {error}", remedy)
    return Check(
        True,
        f"INFO: {info.n_channels} channels, {info.bits} bits, {info.sampling_frequency:g} Hz, "
        f"{info.uV_per_count:g} µV a count, {info.band_Hz[0]:g} to {info.band_Hz[1]:g} Hz",
    )


def emgo1_promises(heard: Sequence[Packet | LinkEvent], stream: SensorStream) -> list[Check]:
    """Return a check for each promise of the profile, all of them in words.

    Parameters
    ----------
    heard : sequence of Packet and LinkEvent
        Of one board, in order; pings that were sent stand among them as "sync" events.
    stream : SensorStream
        The same, put together; it has samples.
    """
    said = read_board(heard)
    checks = _described(said, stream.descriptor.sampling_frequency)
    checks += _told(said, stream.descriptor.sampling_frequency)
    checks += timing_promises(said, stream, heard[-1].t_host_s)
    checks.append(_reboot(said, stream))
    return checks


def _described(said: BoardHeard, rate: float) -> list[Check]:
    """Look at whether INFO fits the samples, and itself."""
    if not said.infos:
        return []
    info, width = said.infos[-1], said.chunks[-1][1].values.shape[1]
    top = info.band_Hz[1]
    return [
        Check(
            width == info.n_channels,
            f"channels: {info.n_channels} promised, {width} sent",
            "Some are switched off (SET, mask of channels)",
        ),
        Check(
            top <= rate / 2,
            f"band: up to {top:g} Hz told, half the rate is {rate / 2:g} Hz",
            "What lies above folds down into the EMG: raise the rate, or put a low-pass before the converter",
        ),
    ]


def _told(said: BoardHeard, rate: float) -> list[Check]:
    """Look at what STATUS tells, and whether it explains what is missing."""
    span_s = said.chunks[-1][0] - said.chunks[0][0]
    n, due = len(said.statuses), int(span_s)
    seldom = Check(
        n >= 0.8 * due - 1 and n > 0,
        f"STATUS: once a second promised, {n} in {span_s:.1f} s came",
        "The firmware does not tell how it does: overruns, drops and its queue stay unknown. Flash the current one",
    )
    testing = sum(status.test_signal for _, status in said.statuses)
    tested = Check(
        not testing,
        f"test signal: off expected, on in {testing} of {n} STATUS",
        "It sends a square wave in place of the electrodes: switch it off and on; TEST 0 ends it, too",
    )
    if n < 2:
        return [seldom, tested]
    (since_s, first), (until_s, last) = said.statuses[0], said.statuses[-1]
    rebooted = first.boot_id != last.boot_id  # its counts began anew
    overruns = last.adc_overruns - (0 if rebooted else first.adc_overruns)
    drops = last.tx_drops - (0 if rebooted else first.tx_drops)
    queue = max(status.queue_high_water for _, status in said.statuses[1:])
    wait_s = queue * said.frames / rate
    checks = [
        seldom,
        tested,
        Check(
            overruns == 0,
            f"overruns: none promised, {overruns} conversions lost by the converter's driver",
            "The board is too slow for this rate: lower it (SET), or send fewer channels",
        ),
        Check(
            drops == 0,
            f"drops: none promised, {drops} packets dropped because the radio's queue was full",
            "Bring it nearer; ask for a shorter connection interval (CONN); send fewer bytes (i12, fewer channels)",
        ),
        Check(
            wait_s < _WAIT_S,
            f"queue: at most {queue} packets waited, {wait_s * 1e3:.0f} ms of signal, below {_WAIT_S * 1e3:g} expected",
            "The radio hardly keeps up, next it drops: bring it nearer, ask for a shorter connection interval (CONN)",
        ),
    ]
    if not rebooted:
        missing, explained = _missing(said, since_s, until_s), overruns + drops * said.frames
        checks.append(
            Check(
                missing <= explained + 2 * said.frames,
                f"losses told: {missing} samples missing while STATUS told of {explained}",
                "Lost behind its back, on the radio or in this computer: bring it nearer, close other programs",
            )
        )
    return checks


def _missing(said: BoardHeard, since_s: float, until_s: float) -> int:
    """Return how many samples are missing between packets that arrived between two moments."""
    missing, due = 0, None
    for t_host_s, chunk in said.chunks:
        if chunk.counter is None or not since_s <= t_host_s <= until_s:
            continue
        if due is not None:
            gap = (chunk.counter - due + 2**31) % 2**32 - 2**31
            missing += max(gap, 0)
        due = (chunk.counter + len(chunk.values)) % 2**32
    return missing


def _reboot(said: BoardHeard, stream: SensorStream) -> Check:
    boots = list(dict.fromkeys([i.boot_id for i in said.infos] + [s.boot_id for _, s in said.statuses]))
    n = max(len(boots) - 1, stream.n_restarts, 0)
    text = f"reboots: none promised, {n} seen" + (f" (boot id {boots[-1]:08x})" if boots else "")
    return Check(n == 0, text, "Its supply breaks down: charge the battery, look at its wires; then look again")
