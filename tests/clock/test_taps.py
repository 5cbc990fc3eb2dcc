"""Taps that are late, missing, damaged or too many: what is usable decides, the rest is said."""

from __future__ import annotations

import numpy as np
import pytest

from emgorder.clock import event_sd, tap_offset
from emgorder.errors import SignalQualityError
from emgorder.model import FloatArray

MOMENTS = (3.0, 4.0, 5.0, 6.0, 7.0)
LAG_S = 0.0137


def two_channels(moments: tuple[float, ...] = MOMENTS, *, seed: int = 1) -> tuple[FloatArray, FloatArray]:
    """Return what two sensors saw of taps, the first LAG_S late and of the other polarity, in noise and drift."""
    t = np.arange(14_000) / 1000
    rng = np.random.default_rng(seed)

    def channel(late_s: float, height: float) -> FloatArray:
        x = rng.normal(0, 8e-6, t.size) + 2e-4 * np.sin(2 * np.pi * 0.05 * t)
        for moment in moments:
            s = (t - moment - late_s) / 4e-3
            x += height * s * np.exp(-(s**2) / 2)
        return np.asarray(x)

    return channel(LAG_S, 300e-6), channel(0.0, -150e-6)


@pytest.mark.parametrize("late_s", [-0.3, 0.0, 0.8, 2.0])
def test_marks_are_typed_late_and_the_taps_are_found_all_the_same(late_s: float) -> None:
    found = tap_offset(*two_channels(), 1000.0, [m + late_s for m in MOMENTS])
    assert found.offset_s == pytest.approx(LAG_S, abs=0.5e-3)
    assert found.times_s == pytest.approx(MOMENTS, abs=0.02)
    assert found.left_out == ()


def test_a_stray_mark_is_left_out_and_said() -> None:
    for stray in (12.5, 5.4):  # where nothing is, and among the taps
        found = tap_offset(*two_channels(), 1000.0, [*MOMENTS, stray])
        assert found.offset_s == pytest.approx(LAG_S, abs=0.5e-3)
        assert (len(found.times_s), len(found.left_out)) == (5, 1)
        assert found.sd_s == pytest.approx(event_sd("tap", n_taps=5), rel=0.02)


def test_a_gap_in_one_tap_costs_that_tap() -> None:
    a, b = two_channels()
    b[5000:5020] = np.nan
    found = tap_offset(a, b, 1000.0, MOMENTS)
    assert found.times_s == pytest.approx((3.0, 4.0, 6.0, 7.0), abs=0.02)
    assert found.sd_s == pytest.approx(event_sd("tap", n_taps=4), rel=0.02)
    assert len(found.left_out) == 1


def test_one_tap_is_not_taken_for_two_marks() -> None:
    found = tap_offset(*two_channels((5.0,)), 1000.0, [5.2, 5.9])
    assert len(found.times_s) == 1
    assert found.sd_s == pytest.approx(event_sd("tap", n_taps=1), rel=0.02)


def test_a_tap_that_disagrees_with_most_others_is_left_out() -> None:
    a, b = two_channels()
    late, _ = two_channels((5.06,), seed=2)
    a[4800:5300] = late[4800:5300]
    found = tap_offset(a, b, 1000.0, MOMENTS)
    assert found.offset_s == pytest.approx(LAG_S, abs=0.5e-3)
    assert "5." in found.left_out[0]
    assert "disagrees" in found.left_out[0]


def test_muscles_that_are_active_in_both_channels_are_no_tap() -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        a, b = (rng.normal(0, 5e-6, 8000) for _ in range(2))
        for x in (a, b):
            burst = np.convolve(rng.normal(0, 1, 1500), np.ones(6) / 6, mode="same")
            x[3000:4500] += 100e-6 * burst
        with pytest.raises(SignalQualityError, match=r"alike|tap"):
            tap_offset(a, b, 1000.0, [4.5])
