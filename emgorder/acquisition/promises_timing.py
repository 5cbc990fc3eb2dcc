"""Promises of an EMGO-1 about time: one crystal, even sampling, low latency, answers to pings."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from emgorder.acquisition.board_heard import BoardHeard
from emgorder.acquisition.checks import Check
from emgorder.acquisition.streams import SensorStream
from emgorder.acquisition.synchronise import fit_sensor
from emgorder.model import FloatArray

__all__ = ["timing_promises"]

# Limits that the profile does not tell are judged: what the guided test can live with.
_CRYSTAL_PPM = 20.0  # between the device's clock and its own samples: one crystal, so only rounding may show
_STAMP_S = 200e-6
_LATENCY_S = 0.15
_APART_S = 1.0
_ANSWER_S = 1.0  # a ping younger than this at the end may still be on its way
_ROOM_PPM = 30_000.0
_LEAST_PACKETS = 10


def timing_promises(said: BoardHeard, stream: SensorStream, end_s: float) -> list[Check]:
    """Return a check for each promise about time.

    Parameters
    ----------
    said : BoardHeard
        Of a board that sent samples.
    stream : SensorStream
        Its samples, put together.
    end_s : float
        Host time until which it was listened to.
    """
    rate = stream.descriptor.sampling_frequency
    checks = [*_clock(said, rate), *_latency(said, rate), _pings(said, end_s)]
    same = _one_clock(said)
    checks += same
    if all(check.good for check in same):  # else pings tell nothing of the samples
        checks += _clock_rate(stream)
    return checks


def _clock(said: BoardHeard, rate: float) -> list[Check]:
    """Look at whether the device's clock and its samples run on one crystal, and evenly."""
    run = _longest_run(said, rate)
    if len(run) < _LEAST_PACKETS:
        return []
    index, clock_s = run[:, 0], run[:, 1]
    slope, offset = np.polyfit(index - index[0], clock_s - clock_s[0], 1)
    ppm = round((slope * rate - 1) * 1e6, 1) + 0.0  # no minus before a zero
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


def _longest_run(said: BoardHeard, rate: float) -> FloatArray:
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


def _latency(said: BoardHeard, rate: float) -> list[Check]:
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
        f"latency: packets are acknowledged {middle * 1e3:.0f} ms after their last sample, "
        f"{most * 1e3:.0f} ms (95 %), below {_LATENCY_S * 1e3:g} expected"
    )
    remedy = "Live results come late: ask for a shorter connection interval (CONN), bring it nearer"
    return [Check(most < _LATENCY_S, text, remedy)]


def _pings(said: BoardHeard, end_s: float) -> Check:
    open_: dict[int, float] = {}
    turns: list[float] = []
    impossible = 0
    moments = [(t, 0, number, None) for t, number in said.pings]
    answers = [(t, 1, reply.id, reply) for t, reply in said.replies]
    for t_host_s, _, number, reply in sorted([*moments, *answers], key=lambda moment: moment[:2]):
        if reply is None:
            open_[number] = t_host_s
        elif number in open_:
            turn_s, inside_s = t_host_s - open_.pop(number), (reply.sent_us - reply.received_us) % 2**32 * 1e-6
            impossible += inside_s > turn_s
            turns.append(turn_s - inside_s if inside_s <= turn_s else turn_s)
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
    if impossible:
        text += f"; {impossible} answers claim to have taken longer than the whole"
        remedy = "Its times of receiving and sending are wrong: compare two boards by a tap. Flash the current firmware"
    return Check(unanswered <= 0.1 * asked and most < _LATENCY_S and not impossible, text, remedy)


def _one_clock(said: BoardHeard) -> list[Check]:
    """Look at whether pings are answered by the clock of the samples; if not, they tell nothing of those."""
    if said.compact:  # of their clock only the lower second is known
        return []
    apart_us, packets = [], iter(said.chunks)
    device_us: int | None = None
    packet = next(packets, None)
    for t_host_s, reply in said.replies:
        while packet is not None and packet[0] <= t_host_s:
            device_us = packet[1].device_us if packet[1].device_us is not None else device_us
            packet = next(packets, None)
        if device_us is not None:
            apart_us.append((reply.received_us - device_us + 2**31) % 2**32 - 2**31)
    if not apart_us:
        return []
    apart_s = round(float(np.median(apart_us)) * 1e-6, 2) + 0.0
    return [
        Check(
            abs(apart_s) <= _APART_S,
            f"one clock: pings are answered {apart_s:+.2f} s from the newest samples, within {_APART_S:g} expected",
            "Answers and samples run on two clocks, so pings tell nothing of the samples: take the times of both from "
            "one timer",
        )
    ]


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
