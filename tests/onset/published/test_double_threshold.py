from __future__ import annotations

import math

import numpy as np
import pytest

from emgorder.onset.published.double_threshold import bonato

FS = 1000.0


def alarms(false_alarm: float, n_above: int) -> float:
    """Return the share of rests of 100 ms with activity for one window (5 pairs, 10 ms) at least."""
    found = 0
    for seed in range(300):
        rest = np.random.default_rng(seed).standard_normal(1010)
        found += math.isfinite(
            bonato(rest, FS, slice(0, 1000), false_alarm=false_alarm, n_above=n_above, shortest_s=0.0, order=0)
        )
    return found / 300


@pytest.mark.parametrize("n_above", [1, 2])
def test_a_window_of_rest_passes_for_activity_as_often_as_allowed(n_above: int) -> None:
    assert alarms(0.05, n_above) == pytest.approx(0.05 * 1.8, abs=0.06)  # windows that reach past the baseline
    assert alarms(0.5, n_above) > 0.45


def test_short_activity_is_dropped_and_short_rest_is_filled() -> None:
    gain = np.ones(2000)
    gain[1200:1210] = 30.0
    gain[1500:1510] = gain[1535:1545] = gain[1570:1700] = 30.0
    emg = np.random.default_rng(2).standard_normal(2000) * gain
    assert bonato(emg, FS, slice(0, 1000), false_alarm=1e-5) == pytest.approx(1.5, abs=0.01)


def test_activity_that_begins_within_the_baseline_counts_from_its_end() -> None:
    emg = np.random.default_rng(3).standard_normal(2000) * np.where(np.arange(2000) < 950, 1.0, 30.0)
    assert bonato(emg, FS, slice(0, 1000), false_alarm=1e-3) == pytest.approx(1.0, abs=0.01)


def test_a_signal_shorter_than_the_windows_has_no_onset() -> None:
    assert math.isnan(bonato(np.random.default_rng(4).standard_normal(8), FS, slice(0, 6)))
