"""What an EMGO-1 promises in INFO and in its profile, against what STATUS, its packets and pings show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from emgorder.acquisition.checks import Check
from emgorder.acquisition.streams import PING, SensorStream
from emgorder.acquisition.synchronise import fit_sensor
from emgorder.acquisition.transport import LinkEvent, Packet
from emgorder.errors import PacketError
from emgorder.model import FloatArray
from emgorder.sensors.base import Chunk
from emgorder.sensors.emgo1 import Emgo1Decoder
from emgorder.sensors.emgo1_control import Info, Status, SyncReply, read_info, read_status, read_sync_reply

__all__ = ["emgo1_promises", "info_check"]

# Limits that the profile does not tell are judged: what the guided test can live with.
_CRYSTAL_PPM = 20.0  # between the device's clock and its own samples: one crystal, so only rounding may show
_STAMP_S = 200e-6
_WAIT_S = 0.25
_LATENCY_S = 0.15
_ANSWER_S = 1.0  # a ping younger than this at the end may still be on its way
_ROOM_PPM = 30_000.0
_LEAST_PACKETS = 10


@dataclass(frozen=True, eq=False, slots=True)
class _Heard:
    """Everything that one board sent, read."""

    chunks: tuple[tuple[float, Chunk], ...]
    infos: tuple[Info, ...]
    statuses: tuple[tuple[float, Status], ...]
    pings: tuple[tuple[float, int], ...]
    replies: tuple[tuple[float, SyncReply], ...]

    @property
    def frames(self) -> int:
        """Samples of a usual packet."""
        return int(np.median([len(chunk.values) for _, chunk in self.chunks]))


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
    said = _read(heard)
    rate = stream.descriptor.sampling_frequency
    checks = _described(said, rate)
    checks += _clock(said, rate)
    checks += _told(said, rate)
    checks += _latency(said, rate)
    checks.append(_pings(said, heard[-1].t_host_s))
    checks += _clock_rate(stream)
    checks.append(_reboot(said, stream))
    return checks


def _read(heard: Sequence[Packet | LinkEvent]) -> _Heard:
    decoder, last = Emgo1Decoder(), b""
    chunks: list[tuple[float, Chunk]] = []
    infos: list[Info] = []
    statuses: list[tuple[float, Status]] = []
    pings: list[tuple[float, int]] = []
    replies: list[tuple[float, SyncReply]] = []
    for item in heard:
        try:
            if isinstance(item, Packet):
                if item.data != last:  # some stacks deliver twice
                    chunks += [(item.t_host_s, chunk) for chunk in decoder.decode(item.data)]
                last = item.data
            elif item.kind == "info":
                infos.append(read_info(bytes.fromhex(item.detail)))
                decoder.calibrate(infos[-1])
            elif item.kind == "status":
                statuses.append((item.t_host_s, read_status(bytes.fromhex(item.detail))))
            elif item.kind == "sync" and item.detail.startswith(PING):
                pings.append((item.t_host_s, int(item.detail.removeprefix(PING))))
            elif item.kind == "sync":
                replies.append((item.t_host_s, read_sync_reply(bytes.fromhex(item.detail))))
        except (ValueError, PacketError):  # counted where the packets are put together
            continue
    return _Heard(tuple(chunks), tuple(infos), tuple(statuses), tuple(pings), tuple(replies))


def _described(said: _Heard, rate: float) -> list[Check]:
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


def _clock(said: _Heard, rate: float) -> list[Check]:
    """Look at whether the device's clock and its samples run on one crystal, and evenly."""
    run = _longest_run(said, rate)
    if len(run) < _LEAST_PACKETS:
        return []
    index, clock_s = run[:, 0], run[:, 1]
    slope, offset = np.polyfit(index - index[0], clock_s - clock_s[0], 1)
    ppm = (slope * rate - 1) * 1e6
    off = np.abs(clock_s - clock_s[0] - offset - slope * (index - index[0]))
    spread_us = float(np.quantile(off, 0.95)) * 1e6
    return [
        Check(
            abs(ppm) <= _CRYSTAL_PPM,
            f"device clock: runs {ppm:+.1f} ppm against its own samples, within {_CRYSTAL_PPM:g} promised",
            "Clock and converter are on two crystals, or INFO tells another rate than the converter has",
        ),
        Check(
            spread_us <= _STAMP_S * 1e6,
            f"sampling jitter: {spread_us:.0f} µs (95 %), within {_STAMP_S * 1e6:g} promised",
            "Let a timer start the conversions, and take the time there, not when the packet is filled",
        ),
    ]


def _longest_run(said: _Heard, rate: float) -> FloatArray:
    """Return running index and device clock (s) of the packets between two restarts, those of the longest run."""
    runs: list[list[tuple[int, int]]] = [[]]
    before: tuple[int, int] | None = None
    index = clock_us = 0
    for _, chunk in said.chunks:
        if chunk.counter is None or chunk.device_us is None:
            continue
        if before is not None:
            step = (chunk.counter - before[0] + 2**31) % 2**32 - 2**31
            step_us = (chunk.device_us - before[1] + 2**31) % 2**32 - 2**31
            if step <= 0 or step > 60 * rate or step_us <= 0:
                runs.append([])
                index = clock_us = 0
            else:
                index, clock_us = index + step, clock_us + step_us
        before = chunk.counter, chunk.device_us
        runs[-1].append((index, clock_us))
    best = np.array(max(runs, key=len), dtype=np.float64).reshape(-1, 2)
    return best * [1.0, 1e-6]


def _told(said: _Heard, rate: float) -> list[Check]:
    """Look at what STATUS tells, and whether it explains what is missing."""
    span_s = said.chunks[-1][0] - said.chunks[0][0]
    n, due = len(said.statuses), int(span_s)
    seldom = Check(
        n >= 0.8 * due - 1 and n > 0,
        f"STATUS: once a second promised, {n} in {span_s:.1f} s came",
        "The firmware does not tell how it does: overruns, drops and its queue stay unknown. Flash the current one",
    )
    if n < 2:
        return [seldom]
    (since_s, first), (until_s, last) = said.statuses[0], said.statuses[-1]
    rebooted = first.boot_id != last.boot_id  # its counts began anew
    overruns = last.adc_overruns - (0 if rebooted else first.adc_overruns)
    drops = last.tx_drops - (0 if rebooted else first.tx_drops)
    queue = max(status.queue_high_water for _, status in said.statuses[1:])
    wait_s = queue * said.frames / rate
    checks = [
        seldom,
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


def _missing(said: _Heard, since_s: float, until_s: float) -> int:
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


def _latency(said: _Heard, rate: float) -> list[Check]:
    """Look at how long samples wait until the radio has delivered them, on the device's own clock."""
    ended = {
        chunk.sequence: chunk.device_us + (len(chunk.values) - 1) * 1e6 / rate
        for _, chunk in said.chunks
        if chunk.sequence is not None and chunk.device_us is not None
    }
    waits = [
        (chunk.acknowledged[1] - ended[chunk.acknowledged[0]] + 2**31) % 2**32 - 2**31
        for _, chunk in said.chunks
        if chunk.acknowledged is not None and chunk.acknowledged[0] in ended
    ]
    if not waits:
        return [Check(True, "latency: this firmware does not tell when its packets were acknowledged")]
    middle, most = (float(np.quantile(waits, q)) / 1e6 for q in (0.5, 0.95))
    text = (
        f"latency: from the last sample of a packet to its acknowledgement {middle * 1e3:.0f} ms, "
        f"{most * 1e3:.0f} ms (95 %), below {_LATENCY_S * 1e3:g} expected"
    )
    remedy = "Live results come late: ask for a shorter connection interval (CONN), bring it nearer"
    return [Check(most < _LATENCY_S, text, remedy)]


def _pings(said: _Heard, end_s: float) -> Check:
    open_: dict[int, float] = {}
    turns: list[float] = []
    moments = [(t, 0, number, None) for t, number in said.pings]
    answers = [(t, 1, reply.id, reply) for t, reply in said.replies]
    for t_host_s, _, number, reply in sorted([*moments, *answers], key=lambda moment: moment[:2]):
        if reply is None:
            open_[number] = t_host_s
        elif number in open_:
            inside_us = (reply.sent_us - reply.received_us) % 2**32
            turns.append(t_host_s - open_.pop(number) - inside_us * 1e-6)
    unanswered = sum(1 for sent_s in open_.values() if end_s - sent_s > _ANSWER_S)
    asked = len(turns) + unanswered
    if not asked:
        return Check(True, "pings: too short a look to ask for its clock")
    if not turns:
        return Check(
            False,
            f"pings: answers promised, none to {asked} pings",
            "Two boards can then be compared only by a tap. Flash the current firmware",
        )
    middle, most = (float(np.quantile(turns, q)) for q in (0.5, 0.95))
    text = (
        f"pings: {len(turns)} of {asked} answered, there and back in {middle * 1e3:.0f} ms, "
        f"{most * 1e3:.0f} ms (95 %), below {_LATENCY_S * 1e3:g} expected"
    )
    remedy = "Bring it nearer, ask for a shorter connection interval (CONN); compare two boards by a tap"
    return Check(unanswered <= 0.1 * asked and most < _LATENCY_S, text, remedy)


def _clock_rate(stream: SensorStream) -> list[Check]:
    """Look at the device's clock against this computer's, bracketed by pings."""
    roomy = replace(stream, descriptor=replace(stream.descriptor, rate_tolerance_ppm=_ROOM_PPM))
    pinged = fit_sensor(roomy).pinged
    if not pinged:
        return []
    fit = max(pinged, key=lambda fit: fit.stop_s - fit.start_s)
    unsure = 3 * fit.rate_sd_ppm
    allowed = stream.descriptor.rate_tolerance_ppm
    half = f", offset within ± {fit.half_width_s * 1e3:.1f} ms" if math.isfinite(fit.half_width_s) else ""
    return [
        Check(
            abs(fit.rate_ppm) <= allowed + unsure,
            f"clock by pings: {fit.rate_ppm:+.0f} ppm (± {unsure:.0f}), within {allowed:g} promised{half}",
            "Its crystal is off, or INFO tells a wrong rate: do not compare it with a second sensor",
        )
    ]


def _reboot(said: _Heard, stream: SensorStream) -> Check:
    boots = list(dict.fromkeys([i.boot_id for i in said.infos] + [s.boot_id for _, s in said.statuses]))
    n = max(len(boots) - 1, stream.n_restarts, 0)
    text = f"reboots: none promised, {n} seen" + (f" (boot id {boots[-1]:08x})" if boots else "")
    return Check(n == 0, text, "Its supply breaks down: charge the battery, look at its wires; then look again")
