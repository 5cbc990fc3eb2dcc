"""The order of one lift, against what two Gaussian onsets must give."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from emgorder.errors import SettingsError
from emgorder.model import Onset, Posterior
from emgorder.order import compare_onsets


def gaussian_onset(time_s: float, sd_s: float, step_s: float = 0.0025) -> Onset:
    grid_s = np.arange(time_s - 8 * sd_s, time_s + 8 * sd_s, step_s)
    density = norm.pdf(grid_s, time_s, sd_s)
    return Onset(time_s=time_s, posterior=Posterior(grid_s, density / (density.sum() * step_s)))


@given(
    difference_s=st.floats(-0.2, 0.2),
    sd_glute_s=st.floats(0.01, 0.04),
    sd_hamstring_s=st.floats(0.01, 0.04),
    sync_sd_s=st.sampled_from([0.0, 0.002, 0.010]),
    sync_offset_s=st.floats(-0.05, 0.05),
)
def test_gaussian_onsets_give_the_gaussian_answer(
    difference_s: float, sd_glute_s: float, sd_hamstring_s: float, sync_sd_s: float, sync_offset_s: float
) -> None:
    order = compare_onsets(
        gaussian_onset(1.0 + difference_s, sd_glute_s),
        gaussian_onset(1.0, sd_hamstring_s),
        sync_offset_s=sync_offset_s,
        sync_sd_s=sync_sd_s,
        rope_s=0.030,
    )
    expected = norm(difference_s - sync_offset_s, math.hypot(sd_glute_s, sd_hamstring_s, sync_sd_s))
    assert order.difference_s == pytest.approx(expected.median(), abs=1e-3)
    assert order.low_s == pytest.approx(expected.ppf(0.05), abs=1.5e-3)
    assert order.high_s == pytest.approx(expected.ppf(0.95), abs=1.5e-3)
    assert order.p_glute_first == pytest.approx(expected.cdf(-0.030), abs=0.01)
    assert order.p_hamstring_first == pytest.approx(expected.sf(0.030), abs=0.01)
    assert order.p_glute_earlier == pytest.approx(expected.cdf(0.0), abs=0.01)
    assert order.p_glute_first + order.p_together + order.p_hamstring_first == pytest.approx(1.0)


def test_swapping_the_muscles_mirrors_the_order() -> None:
    glute, hamstring = gaussian_onset(1.05, 0.02), gaussian_onset(1.0, 0.01)
    there, back = compare_onsets(glute, hamstring), compare_onsets(hamstring, glute)
    assert there.difference_s == pytest.approx(-back.difference_s, abs=1e-6)
    assert there.p_glute_first == pytest.approx(back.p_hamstring_first, abs=1e-6)
    assert there.p_glute_earlier == pytest.approx(1 - back.p_glute_earlier, abs=1e-6)


def test_a_tie_counts_half_for_each_muscle() -> None:
    onset = gaussian_onset(1.0, 0.001, step_s=0.001)
    assert compare_onsets(onset, onset).p_glute_earlier == pytest.approx(0.5, abs=1e-9)


def test_the_clock_offset_is_taken_from_the_glute() -> None:
    # the glute's clock runs 20 ms ahead: what it calls 1.020 happened at 1.000
    order = compare_onsets(Onset(time_s=1.020), Onset(time_s=1.000), sync_offset_s=0.020)
    assert order.difference_s == pytest.approx(0.0)


def test_clock_error_makes_a_verdict_less_sure() -> None:
    glute, hamstring = gaussian_onset(1.06, 0.01), gaussian_onset(1.0, 0.01)
    sure, less = compare_onsets(glute, hamstring), compare_onsets(glute, hamstring, sync_sd_s=0.030)
    assert less.p_hamstring_first < sure.p_hamstring_first
    assert less.high_s - less.low_s > sure.high_s - sure.low_s


@pytest.mark.parametrize("sd_s", [100.0, 1e7])
def test_clocks_that_nobody_can_rely_on_make_either_order_as_likely(sd_s: float) -> None:
    order = compare_onsets(gaussian_onset(1.06, 0.01), gaussian_onset(1.0, 0.01), sync_sd_s=sd_s)
    assert order.p_glute_first == pytest.approx(0.5, abs=0.001)
    assert order.p_glute_first + order.p_together + order.p_hamstring_first == pytest.approx(1.0)
    assert order.difference_s == pytest.approx(0.06, abs=0.001)
    assert order.posterior is not None
    assert order.posterior.grid_s.size < 100_000


def test_point_onsets_give_a_difference_and_no_probability() -> None:
    order = compare_onsets(Onset(time_s=1.084), gaussian_onset(1.0, 0.01))
    assert order.difference_s == pytest.approx(0.084)
    assert all(math.isnan(p) for p in (order.p_glute_first, order.p_together, order.p_hamstring_first, order.low_s))


def test_a_missing_onset_gives_no_difference() -> None:
    order = compare_onsets(Onset(reason="no burst"), gaussian_onset(1.0, 0.01))
    assert math.isnan(order.difference_s)
    assert math.isnan(order.p_together)


@pytest.mark.parametrize(
    ("key", "value"), [("rope_s", -0.01), ("rope_s", math.nan), ("sync_sd_s", -1.0), ("sync_offset_s", math.inf)]
)
def test_a_value_that_makes_no_sense_names_its_key(key: str, value: float) -> None:
    with pytest.raises(SettingsError, match=key) as caught:
        compare_onsets(Onset(time_s=1.0), Onset(time_s=1.0), **{key: value})
    assert caught.value.key == key
