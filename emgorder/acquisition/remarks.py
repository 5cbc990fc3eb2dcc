"""What is to be said of sensors after a recording, in words: losses, faults, and why one cannot tell an order."""

from __future__ import annotations

from collections.abc import Sequence

from emgorder.acquisition.placing import n_between, owners
from emgorder.acquisition.streams import SensorStream
from emgorder.acquisition.synchronise import ClockedSensor, measured_ppm
from emgorder.model import Channel
from emgorder.muscles import MUSCLES

__all__ = ["away_remark", "rate_remark", "remarks", "why_unfit"]


def remarks(stream: SensorStream) -> list[str]:
    """Return what is to be said of a sensor, in words."""
    kind, found = stream.descriptor, []
    if not stream.pieces:
        return [f"{stream.sensor} ({kind.title}) sent no samples"]
    if not kind.order_verdict:
        found.append(f"{kind.title} cannot tell the order of two onsets: {kind.caveat}")
    if stream.n_lost:
        share = stream.n_lost / (stream.n_lost + sum(piece.index.size for piece in stream.pieces))
        found.append(f"{stream.n_lost} samples ({share:.2%}) of {stream.sensor} were lost on the way")
    if stream.n_damaged:
        found.append(f"{stream.n_damaged} notifications of {stream.sensor} were no packets and were left out")
    if stream.n_duplicates:
        found.append(f"{stream.n_duplicates} packets of {stream.sensor} came twice and were dropped")
    if stream.n_outliers:
        found.append(f"{stream.n_outliers} packets of {stream.sensor} had a counter out of place and were dropped")
    if stream.silent_s is not None:
        length = f": its last {stream.silent_s:.0f} s are missing" if stream.silent_s >= 1 else ""
        found.append(f"the link of {stream.sensor} was lost and did not come back{length}")
    if stream.n_unlike:
        found.append(
            f"{stream.n_unlike} packets of {stream.sensor} had another rate or number of channels than those before "
            "and were left out: set a sensor only while it does not record"
        )
    if stream.n_restarts:
        times = f"{stream.n_restarts} times" if stream.n_restarts > 1 else "once"
        found.append(f"{stream.sensor} began to count anew {times} while it was connected; its clock tells where")
    if stream.n_unsure:
        found.append(f"{stream.n_unsure} samples of {stream.sensor} may be missing without a trace")
    if stream.flags["uncalibrated"]:
        found.append(f"{stream.sensor} did not tell its gain: amplitudes are wrong by a constant factor")
    if stream.flags["test_signal"]:
        found.append(_tested(stream))
    for flag, words in (("lead_off", "an electrode was off"), ("saturated", "the converter was at its limit")):
        if stream.flags[flag]:
            found.append(f"{words} in {stream.flags[flag]} packets of {stream.sensor}")
    return found


def rate_remark(sensor: ClockedSensor) -> str:
    """Return a warning where a sensor does not keep its rate: its clock was fitted as if it did."""
    kind = sensor.stream.descriptor
    ppm, unsure = measured_ppm(sensor.stream)
    if abs(ppm) <= kind.rate_tolerance_ppm + unsure:
        return ""
    rate = kind.sampling_frequency * (1 + ppm * 1e-6)
    return (
        f"{sensor.stream.sensor} took {rate:.2f} samples a second, not {kind.sampling_frequency:g}: two such sensors "
        "cannot be aligned; emgorder doctor measures it"
    )


def away_remark(sensor: ClockedSensor) -> str:
    """Return what is missing where a sensor counted anew, empty where nothing is."""
    missing = n_between(sensor)
    if not missing:
        return ""
    seconds = missing / sensor.stream.descriptor.sampling_frequency
    return f"about {missing} samples ({seconds:.1f} s) of {sensor.stream.sensor} are missing where it counted anew"


def why_unfit(clocked: Sequence[ClockedSensor], channels: Sequence[Channel | None], *, apart: bool) -> str:
    """Return why a sensor with a muscle that is compared cannot tell an order, empty where all can.

    `apart` tells that muscles on the clocks of several sensors are compared: then each must keep its rate.
    """
    for channel, number in zip(channels, owners(clocked), strict=True):
        stream = clocked[number].stream
        kind = stream.descriptor
        muscle = MUSCLES.get(channel.target_muscle) if channel else None
        if muscle is None or muscle.role == "other":
            continue
        if not kind.order_verdict:
            return f"{muscle.plain} is on a {kind.title}. {kind.caveat}"
        if apart and (odd := rate_remark(clocked[number])):
            return odd
        if stream.flags["test_signal"]:
            return _tested(stream)
    return ""


def _tested(stream: SensorStream) -> str:
    return (
        f"{stream.sensor} sent its test signal, a square wave, in place of the electrodes for about "
        f"{stream.flags['test_signal']} s: switch the sensor off and on, and record again"
    )
