"""The clock of a link while it runs: takes arrivals as they come, and fits whenever it is asked."""

from __future__ import annotations

from collections import deque

import numpy as np

from emgorder.clock.fit import CRYSTAL, ClockFit, clock_from_lines, fit_fastest, rate_for_phases
from emgorder.clock.lattice import connection_interval, hidden_wait, packet_period
from emgorder.errors import SettingsError

__all__ = ["ClockModel"]

_WINDOW_S = 2.0
_RECENT = 600  # arrivals that interval and wait are estimated from
_LONGEST_WAIT_S = 0.05  # before enough has arrived to tell


class ClockModel:
    """Clock of one link, live, in bounded memory.

    Keeps the fastest packet of every 2 s of the last `segment_s` seconds and refits through these, at most once per
    window. At the end :func:`emgorder.clock.fit_clock` on all arrivals does better: it knows what came after.

    Parameters
    ----------
    nominal_Hz, tolerance_ppm, segment_s, interval_s
        As in :func:`emgorder.clock.fit_clock`.

    Examples
    --------
    >>> model = ClockModel(500.0, interval_s=0.0)
    >>> for last in range(10, 30000, 10):
    ...     model.push(last, 5.0 + last / 500.02)
    >>> round(model.fit().rate_Hz, 3)
    500.02
    """

    def __init__(
        self,
        nominal_Hz: float,
        *,
        tolerance_ppm: float = 120.0,
        segment_s: float = 300.0,
        interval_s: float | None = None,
    ) -> None:
        if not nominal_Hz > 0:
            raise SettingsError(f"{nominal_Hz!r}: give a positive number", key="nominal_Hz")
        self._nominal_Hz = nominal_Hz
        self._limit = tolerance_ppm * 1e-6
        self._segment_s = segment_s
        self._interval_s = interval_s
        self._recent: deque[tuple[int, float]] = deque(maxlen=_RECENT)
        self._fastest: deque[tuple[float, float]] = deque()  # nominal device time, delay
        self._window = 0
        self._slope = 0.0
        self._n_packets = 0
        self._fit: ClockFit | None = None

    @property
    def n_packets(self) -> int:
        """Arrivals taken so far."""
        return self._n_packets

    def push(self, index: int, t_host_s: float) -> None:
        """Take the index of a packet's last sample and its arrival, s. What is not newer than the last is ignored."""
        if self._recent and index <= self._recent[-1][0]:
            return
        self._n_packets += 1
        self._recent.append((index, t_host_s))
        x = index / self._nominal_Hz
        delay = t_host_s - x
        window = int(x // _WINDOW_S)
        if not self._fastest or window != self._window:
            if self._limit > CRYSTAL and self._fastest:
                self.fit()  # which packet is fastest depends on the rate
            self._fastest.append((x, delay))
            self._window = window
            self._fit = None
            while self._fastest[0][0] < x - self._segment_s:
                self._fastest.popleft()
        elif delay - self._slope * x < self._fastest[-1][1] - self._slope * self._fastest[-1][0]:
            self._fastest[-1] = (x, delay)

    def fit(self) -> ClockFit:
        """Return the clock as far as it is known.

        Raises
        ------
        SettingsError
            Nothing has arrived.
        """
        if self._fit is not None:
            return self._fit
        if not self._recent:
            raise SettingsError("no packet has arrived yet: push one first", key="index")
        recent = np.array(self._recent)
        index, times = recent[:, 0].astype(np.intp), recent[:, 1]
        interval = connection_interval(times) if self._interval_s is None else self._interval_s
        rate = rate_for_phases(self._nominal_Hz, self._slope, self._limit)
        wait = hidden_wait(index, rate, interval, window_s=_WINDOW_S)
        if self._interval_s is None and index.size < 50:
            wait = _LONGEST_WAIT_S
        fastest = np.array(self._fastest)
        x, delay = fastest[:, 0], fastest[:, 1]
        lines, edges, noise = fit_fastest(
            x, delay, wait_s=wait, limit=self._limit, segment_s=np.inf, ends=(x[0], max(x[-1], x[0] + _WINDOW_S))
        )
        self._slope = lines[0].slope
        fit = clock_from_lines(
            lines,
            edges,
            nominal_Hz=self._nominal_Hz,
            packet_period_s=packet_period(index, self._nominal_Hz),
            interval_s=interval,
            wait_s=wait,
            residual_sd_s=noise,
            n_packets=self._n_packets,
        )
        if index.size >= 50:  # at first every packet tells a lot
            self._fit = fit
        return fit
