from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.signal import lfilter

from emgorder.model import FloatArray
from emgorder.onset.published.likelihood import aglr, bayes_change, cusum, profile_likelihood

FS = 1000.0
REST = slice(0, 900)
ALL = [aglr, bayes_change, cusum, profile_likelihood]


def step(seed: int, snr_dB: float, n_after: int = 300) -> FloatArray:
    """Return noise that rises by `snr_dB` at 1 s."""
    gain = np.where(np.arange(1000 + n_after) < 1000, 1.0, math.sqrt(1.0 + 10.0 ** (snr_dB / 10.0)))
    return np.random.default_rng(seed).standard_normal(gain.size) * gain


@pytest.mark.parametrize("detect", ALL)
def test_a_step_of_20_dB_is_placed_within_3_ms(detect: Callable[..., float]) -> None:
    late_s = [detect(step(seed, 20.0), FS, REST) - 1.0 for seed in range(40)]
    assert np.median(np.abs(late_s)) < 0.003
    assert abs(np.mean(late_s)) < 0.003


@pytest.mark.parametrize("detect", [aglr, bayes_change, cusum])
def test_a_step_of_3_dB_is_placed_within_30_ms(detect: Callable[..., float]) -> None:
    late_s = [detect(step(seed, 3.0), FS, REST) - 1.0 for seed in range(40)]
    assert np.nanmedian(np.abs(late_s)) < 0.030


@pytest.mark.parametrize("detect", [aglr, bayes_change, cusum])
def test_coloured_noise_is_whitened_first(detect: Callable[..., float]) -> None:
    late_s = [detect(lfilter([1.0], [1.0, -1.6, 0.8], step(seed, 20.0)), FS, REST) - 1.0 for seed in range(20)]
    assert np.median(np.abs(late_s)) < 0.004


@pytest.mark.parametrize("detect", ALL)
def test_a_fall_is_no_onset(detect: Callable[..., float]) -> None:
    assert math.isnan(detect(step(1, 20.0)[::-1][:600], FS, slice(0, 250)))


@pytest.mark.parametrize("detect", [aglr, cusum])
def test_alarms_want_evidence(detect: Callable[..., float]) -> None:
    assert math.isnan(detect(step(1, 6.0, n_after=30), FS, REST, alarm=100.0))
    assert math.isfinite(detect(step(1, 6.0, n_after=300), FS, REST, alarm=10.0))


def test_cusum_alarms_do_not_move_its_onsets() -> None:
    onsets_s = {cusum(step(3, 15.0), FS, REST, alarm=alarm) for alarm in (15.0, 25.0, 60.0)}
    assert len(onsets_s) == 1


def test_a_higher_probability_of_the_change_comes_later() -> None:
    onsets_s = [bayes_change(step(5, 3.0), FS, REST, probability=p) for p in (0.05, 0.5, 0.95)]
    assert onsets_s == sorted(onsets_s)
    assert onsets_s[0] < onsets_s[2]


@pytest.mark.parametrize("detect", ALL)
def test_a_baseline_up_to_the_end_leaves_nothing_to_find(detect: Callable[..., float]) -> None:
    emg = step(1, 20.0)
    assert math.isnan(detect(emg, FS, slice(0, emg.size)))
