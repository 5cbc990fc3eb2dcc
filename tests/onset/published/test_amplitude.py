from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from emgorder.model import FloatArray
from emgorder.onset.published.amplitude import abbink, di_fabio, hodges_bui, lidierth

FS = 1000.0
REST = slice(0, 800)


def active(*spans: tuple[int, int], rms: float = 10.0, seed: int = 1) -> FloatArray:
    """Return 2 s of noise that is `rms` times stronger between these samples."""
    gain = np.ones(2000)
    for first, stop in spans:
        gain[first:stop] = rms
    return np.random.default_rng(seed).standard_normal(2000) * gain


@pytest.mark.parametrize("detect", [hodges_bui, di_fabio, lidierth, abbink])
def test_a_higher_threshold_is_never_passed_earlier(detect: Callable[..., float]) -> None:
    emg = active((1000, 2000)) * np.clip((np.arange(2000) - 900) / 600, 0.1, 1.0)
    onsets_s = [detect(emg, FS, REST, n_sd=n_sd) for n_sd in (1.0, 3.0, 6.0)]
    assert onsets_s == sorted(onsets_s)
    assert onsets_s[0] < onsets_s[2]


@pytest.mark.parametrize("detect", [hodges_bui, di_fabio, lidierth, abbink])
def test_what_is_active_before_the_end_of_the_baseline_does_not_count(detect: Callable[..., float]) -> None:
    emg = active((100, 300), (1200, 2000))
    assert detect(emg, FS, slice(400, 900)) == pytest.approx(1.2, abs=0.03)


def test_hodges_bui_marks_the_start_of_its_window() -> None:
    emg = active((1000, 2000), rms=1000.0)
    short_s, long_s = (hodges_bui(emg, FS, REST, window_s=window_s) for window_s in (0.02, 0.10))
    assert 0.05 < short_s - long_s < 0.09  # both see the smoothed rise before it, the long window more weakly


def test_di_fabio_wants_the_threshold_passed_for_25_ms_on_end() -> None:
    emg = np.full(2000, 0.1) * np.where(np.arange(2000) % 2, 1.0, -1.1)
    emg[900:910] *= 100.0
    emg[1200:] *= 100.0
    assert di_fabio(emg, FS, REST, lowpass_Hz=400.0) == pytest.approx(1.2, abs=0.003)
    assert di_fabio(emg, FS, REST, lowpass_Hz=400.0, duration_s=0.005) == pytest.approx(0.9, abs=0.003)


def test_lidierth_forgives_short_lapses_only() -> None:
    emg = np.full(2000, 0.1) * np.where(np.arange(2000) % 2, 1.0, -1.1)
    emg[1000:] *= 100.0
    emg[1040:1070] /= 100.0
    assert lidierth(emg, FS, REST, window_s=0.005, lapse_s=0.04) == pytest.approx(1.0, abs=0.005)
    assert lidierth(emg, FS, REST, window_s=0.005, lapse_s=0.01) == pytest.approx(1.07, abs=0.005)


def test_lidierth_drops_short_activity() -> None:
    assert math.isnan(lidierth(active((1000, 1020), rms=100.0), FS, REST))
    assert math.isfinite(lidierth(active((1000, 1090), rms=100.0), FS, REST))


def test_abbink_places_the_onset_where_rest_and_activity_part_best() -> None:
    emg = np.full(2000, 0.1) * np.where(np.arange(2000) % 2, 1.0, -1.1)
    emg[950:980] *= 100.0  # a hump that raises the alarm
    emg[1050:] *= 100.0
    assert abbink(emg, FS, REST, lowpass_Hz=100.0) == pytest.approx(1.05, abs=0.01)


@pytest.mark.parametrize("detect", [hodges_bui, di_fabio, lidierth, abbink])
def test_nothing_is_found_where_nothing_exceeds_rest(detect: Callable[..., float]) -> None:
    assert math.isnan(detect(active((800, 2000), rms=0.1), FS, REST))
