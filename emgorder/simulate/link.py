"""A Bluetooth LE link in time: when packets leave the sensor, are on the air, and reach the host's callback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emgorder.model import FloatArray

__all__ = ["Crystal", "LinkTimes", "simulate_link"]

_ON_AIR_S = 0.8e-3  # one notification of some 100 bytes and its acknowledgement
_IN_ORDER_S = 20e-6  # between two callbacks of a burst


@dataclass(frozen=True, slots=True)
class Crystal:
    """A device's clock against true time: constant error plus a slow swing, as temperature makes it.

    Examples
    --------
    >>> clock = Crystal(ppm=40.0)
    >>> round(float(clock.device_s(np.array(100.0))), 4)
    100.004
    """

    ppm: float = 0.0
    swing_ppm: float = 0.0
    swing_period_s: float = 400.0
    swing_phase: float = 0.0
    start_s: float = 0.0

    def device_s(self, true_s: FloatArray) -> FloatArray:
        """Return what the device's clock shows at true times."""
        w = 2 * np.pi / self.swing_period_s
        swing = self.swing_ppm * 1e-6 / w * (np.cos(self.swing_phase) - np.cos(w * true_s + self.swing_phase))
        return np.asarray(self.start_s + true_s * (1 + self.ppm * 1e-6) + swing)

    def true_s(self, device_s: FloatArray) -> FloatArray:
        """Return the true times at which the device's clock shows `device_s`."""
        true = (device_s - self.start_s) / (1 + self.ppm * 1e-6)
        for _ in range(3):
            true = true - (self.device_s(true) - device_s)
        return np.asarray(true)


@dataclass(frozen=True, eq=False, slots=True)
class LinkTimes:
    """True times at which each packet was carried by the radio and at which the host's callback ran, s."""

    air_s: FloatArray
    host_s: FloatArray


def simulate_link(
    ready_s: FloatArray,
    *,
    rng: np.random.Generator,
    interval_s: float = 0.015,
    phase_s: float | None = None,
    central_ppm: float = 0.0,
    loss: float = 0.05,
    fades_per_s: float = 0.05,
    fade_s: float = 0.3,
    fade_loss: float = 0.6,
    most_per_event: int = 10,
    latency_s: float = 1e-3,
    jitter_s: float = 0.4e-3,
    late_share: float = 0.01,
    late_s: float = 8e-3,
    stalls: Sequence[tuple[float, float]] = (),
) -> LinkTimes:
    """Simulate how packets travel from a sensor to the host.

    The radio meets the sensor once every connection interval. A packet waits for the next meeting; a meeting that fails
    (`loss`, more in fades) leaves everything to the next one, so nothing is lost, only late. The host adds its latency,
    jitter (gamma, shape 2), now and then a long delay, and stalls, during which nothing is delivered. Packets never
    overtake each other. Differs from real links: a meeting fails as a whole, never in the middle.

    Parameters
    ----------
    ready_s : ndarray, shape (n_packets,)
        True times at which the packets are ready, s, increasing.
    rng : numpy Generator
        Source of chance.
    interval_s, phase_s : float
        Connection interval, and true time of one meeting (by chance when not given).
    central_ppm : float
        How much too fast the host's radio runs.
    loss, fades_per_s, fade_s, fade_loss : float
        Share of meetings that fail, fades a second, their mean length, and the share that fails in them.
    most_per_event : int
        Packets that fit into one meeting.
    latency_s, jitter_s, late_share, late_s : float
        Least time in the host, scale of its jitter, share of packets with a long delay and its mean.
    stalls : sequence of (start, length)
        When the host delivers nothing, true seconds.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> times = simulate_link(0.02 * np.arange(1000), rng=rng, loss=0.0, fades_per_s=0.0, phase_s=1e-4)
    >>> round(float((times.air_s - 0.02 * np.arange(1000)).max()), 4)
    0.0109
    """
    n = ready_s.size
    interval = interval_s * (1 - central_ppm * 1e-6)
    first = ready_s[0]
    phase = first + rng.uniform(0, interval) if phase_s is None else phase_s
    phase -= np.ceil((phase - first) / interval) * interval
    spare = 100 + int(20 / interval)  # meetings after the last packet, for those that fail
    n_meetings = int((ready_s[-1] - phase) / interval) + n // most_per_event + spare
    meeting = phase + interval * np.arange(n_meetings)
    fails = rng.random(n_meetings) < np.where(_fading(meeting, rng, fades_per_s, fade_s), max(loss, fade_loss), loss)
    good = meeting[~fails]
    # Packet i goes no earlier than one good meeting after packet i - most_per_event.
    turn = np.searchsorted(good, ready_s, side="left")
    for k in range(most_per_event):
        step = np.arange(turn[k::most_per_event].size)
        turn[k::most_per_event] = np.maximum.accumulate(turn[k::most_per_event] - step) + step
    turn = np.maximum.accumulate(turn)
    place = np.arange(n) - np.searchsorted(turn, turn, side="left")
    air = good[turn] + (place + 1) * _ON_AIR_S
    host = air + latency_s + rng.gamma(2.0, jitter_s, n)
    host += np.where(rng.random(n) < late_share, rng.exponential(late_s, n), 0.0)
    for start, length in stalls:
        host = np.where((host >= start) & (host < start + length), start + length, host)
    order = _IN_ORDER_S * np.arange(n)
    return LinkTimes(air, np.maximum.accumulate(host - order) + order)


def _fading(at_s: FloatArray, rng: np.random.Generator, per_s: float, length_s: float) -> FloatArray:
    """Return where fades are, bool, same shape."""
    if per_s <= 0:
        return np.zeros(at_s.size, dtype=bool)
    n = rng.poisson(per_s * np.ptp(at_s))
    starts = rng.uniform(at_s[0], at_s[-1], n)
    stops = starts + rng.exponential(length_s, n)
    began = np.searchsorted(np.sort(starts), at_s, side="right")
    ended = np.searchsorted(np.sort(stops), at_s, side="right")
    return np.asarray(began > ended)
