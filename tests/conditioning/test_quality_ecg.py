"""Heart beats in rest, and what only looks like them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emgorder.conditioning.quality.assess import assess
from emgorder.conditioning.quality.ecg import beat_interval
from emgorder.model import FloatArray, Recording


def spikes(times_s: FloatArray, rate_Hz: float, *, width_s: float = 0.012, height: float = 10.0) -> FloatArray:
    clock_s = np.arange(int(40 * rate_Hz)) / rate_Hz
    total = np.random.default_rng(8).normal(size=clock_s.size)
    for t in times_s:
        total += height * np.exp(-0.5 * ((clock_s - t) / width_s) ** 2)
    return total


def beats(interval_s: float) -> FloatArray:
    jitter = np.random.default_rng(9).normal(size=200) * 0.04 * interval_s
    times_s: FloatArray = np.cumsum(interval_s + jitter)
    return times_s[times_s < 39.5]


@pytest.mark.parametrize("rate_Hz", [200.0, 1000.0, 5000.0])
@pytest.mark.parametrize("interval_s", [0.6, 0.9, 1.2])
def test_heart_beats_are_found_with_their_interval(rate_Hz: float, interval_s: float) -> None:
    assert beat_interval(spikes(beats(interval_s), rate_Hz), rate_Hz) == pytest.approx(interval_s, rel=0.05)


def test_noise_irregular_spikes_and_wide_bumps_are_no_heart_beats() -> None:
    rng = np.random.default_rng(4)
    nowhere = np.empty(0)
    irregular = np.sort(rng.uniform(0.5, 39.5, 40))
    assert np.isnan(beat_interval(spikes(nowhere, 1000.0), 1000.0))
    assert np.isnan(beat_interval(spikes(irregular, 1000.0), 1000.0))
    assert np.isnan(beat_interval(spikes(beats(0.9), 1000.0, width_s=0.15), 1000.0))


def test_a_dozen_regular_taps_in_a_long_rest_are_no_heart_beats() -> None:
    assert np.isnan(beat_interval(spikes(np.arange(5.0, 17.0, 1.0), 1000.0), 1000.0))


def test_heart_beats_are_seen_between_bursts_and_through_hum(clean: Recording) -> None:
    clock_s = np.arange(clean.n_samples) / 1000.0
    heart = sum(60e-6 * np.exp(-0.5 * ((clock_s - t) / 0.012) ** 2) for t in beats(0.8) if t < 31.5)
    hum = 7e-6 * np.sin(2 * np.pi * 50 * clock_s)
    found = assess(replace(clean, data=clean.data + (heart + hum)[:, np.newaxis]))
    assert {(f.kind, f.channel) for f in found} >= {("ecg", "GMAX_R"), ("ecg", "BF_R")}
    assert [f.value for f in found if f.kind == "ecg"] == pytest.approx([75.0, 75.0], rel=0.06)
    assert next(f for f in found if f.kind == "ecg").message.startswith("heart beats in glute, 7")


@pytest.mark.parametrize("n_samples", [0, 1, 30, 999])
def test_too_short_and_silent_signals_have_no_heart_beats(n_samples: int) -> None:
    assert np.isnan(beat_interval(np.zeros(n_samples), 1000.0))
    assert np.isnan(beat_interval(np.zeros(20_000), 1000.0))
