"""What is usual in a session helps each of its lifts."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.model import FloatArray, Onset
from emgorder.onset.detect import detect_each
from emgorder.order.hidden import lag_error_s, learn_rises
from emgorder.simulate import simulate_burst

N_LIFTS = 10


@cache
def session(ramp_s: float, seed: int = 0, snr_dB: float = 10.0) -> tuple[tuple[Onset, ...], tuple[float, ...]]:
    """Return the onsets of ten lifts of one muscle, each as if alone, and the true ones."""
    bursts = [
        simulate_burst(100 * seed + k, sampling_frequency=1000.0, snr_dB=snr_dB, ramp_s=ramp_s, shape="linear")
        for k in range(N_LIFTS)
    ]
    return tuple(detect_each([b.signal for b in bursts], 1000.0)), tuple(b.onset_s for b in bursts)


def errors_s(onsets: list[Onset], truth_s: tuple[float, ...]) -> FloatArray:
    return np.array([o.time_s - t for o, t in zip(onsets, truth_s, strict=True)])


def test_slow_rises_of_a_session_are_placed_better_than_each_alone() -> None:
    alone, learned = [], []
    for seed in range(4):
        onsets, truth_s = session(0.15, seed)
        alone.append(errors_s(list(onsets), truth_s))
        learned.append(errors_s(learn_rises(onsets), truth_s))
    assert np.nanmean(np.abs(learned)) < np.nanmean(np.abs(alone))
    assert np.nanmean([np.nanstd(e) for e in learned]) < np.nanmean([np.nanstd(e) for e in alone])


def test_abrupt_rises_are_not_continued_backwards() -> None:
    onsets, truth_s = session(0.0, snr_dB=18.0)
    assert abs(np.nanmedian(errors_s(learn_rises(onsets), truth_s))) < 0.010


def test_intervals_hold_the_onset_about_as_often_as_they_say() -> None:
    held = []
    for seed in range(4):
        onsets, truth_s = session(0.15, seed)
        held += [o.low_s <= t <= o.high_s for o, t in zip(learn_rises(onsets), truth_s, strict=True) if o.found]
    assert np.mean(held) >= 0.75


@given(order=st.permutations(range(N_LIFTS)), by_s=st.floats(-5.0, 5.0))
def test_when_and_in_which_order_the_lifts_were_does_not_matter(order: list[int], by_s: float) -> None:
    onsets, _ = session(0.15)
    still = learn_rises(onsets)
    moved = learn_rises([onsets[k].shifted(by_s * k) for k in order])
    for k, onset in zip(order, moved, strict=True):
        assert onset.time_s - by_s * k == pytest.approx(still[k].time_s, abs=1e-6)


def test_what_was_seen_and_where_a_burst_ends_does_not_move() -> None:
    onsets, _ = session(0.15)
    ended = [replace(o, offset_s=2.5, offset_low_s=2.4, offset_high_s=2.6) for o in onsets]
    for before, after in zip(ended, learn_rises(ended), strict=True):
        assert after.visible_s == before.visible_s
        assert (after.offset_s, after.offset_low_s, after.offset_high_s) == (2.5, 2.4, 2.6)
        assert after.posterior is not None
        assert after.low_s <= after.time_s <= after.high_s
        assert after.posterior.quantile(0.5) == pytest.approx(after.time_s)


def roughened(onset: Onset, share: float = 0.03) -> Onset:
    """Return the onset of a burst that does not look smooth: where it was seen."""
    assert onset.rise is not None
    return replace(onset, time_s=onset.visible_s, smooth=share, rise=replace(onset.rise, smooth=share))


def test_bursts_that_do_not_rise_smoothly_stay_where_they_are_seen() -> None:
    onsets, _ = session(0.15)
    learned = learn_rises([*(roughened(o) for o in onsets[:5]), *onsets[5:]])
    for rough, onset in zip(learned[:5], onsets[:5], strict=True):
        assert rough.time_s == pytest.approx(onset.visible_s, abs=0.001)
    assert any(a.time_s != b.time_s for a, b in zip(learned[5:], onsets[5:], strict=True))


def test_rough_lifts_tell_smooth_ones_nothing() -> None:
    smooth, _ = session(0.15)
    rough = [roughened(o, share=0.03) for o in session(0.0)[0]] * 2
    silent = [roughened(o, share=0.0) for o in rough]
    with_rough, with_silent = (learn_rises([*smooth, *others])[: len(smooth)] for others in (rough, silent))
    assert [o.time_s for o in with_rough] == [o.time_s for o in with_silent]


def test_many_rough_lifts_tell_as_little_of_a_rise_as_few() -> None:
    onsets, _ = session(0.15)
    rough = [roughened(o) for o in onsets] * 20
    assert [o.time_s for o in learn_rises(rough)] == [o.time_s for o in rough]


def test_a_few_smooth_lifts_among_rough_ones_stay_as_alone() -> None:
    onsets, _ = session(0.15)
    learned = learn_rises([*onsets[:2], *(roughened(o) for o in onsets[2:])])
    assert [o.time_s for o in learned[:2]] == [o.time_s for o in onsets[:2]]


def test_a_burst_that_a_gap_cuts_short_is_not_placed_by_the_others() -> None:
    bursts = [
        simulate_burst(k, sampling_frequency=1000.0, snr_dB=10.0, ramp_s=0.15, shape="linear") for k in range(N_LIFTS)
    ]
    whole = detect_each([b.signal for b in bursts], 1000.0)
    for k in (0, 1, 4):
        cut = bursts[k].signal.copy()
        first = round(1000 * (whole[k].visible_s + 0.1))
        cut[first : first + 60] = np.nan
        [alone] = detect_each([cut], 1000.0)
        placed = learn_rises([*whole[:k], alone, *whole[k + 1 :]])[k]
        assert placed.time_s == alone.time_s or np.isnan(alone.time_s)


def test_a_lift_that_looks_rough_counts_as_smooth_where_the_others_are() -> None:
    onsets, truth_s = session(0.15)
    one = learn_rises([roughened(onsets[0]), *onsets[1:]])[0]
    assert one.smooth > 0.5
    assert abs(one.time_s - truth_s[0]) < abs(one.visible_s - truth_s[0])
    usual = learn_rises(onsets)[0]
    assert one.time_s == pytest.approx(usual.time_s, abs=0.015)


def test_a_lift_alone_and_other_methods_stay_as_they_are_and_keep_no_rise() -> None:
    onsets, _ = session(0.15)
    one = learn_rises(onsets[:1])
    assert [o.time_s for o in one] == [o.time_s for o in onsets[:1]]
    missing, plain = Onset(reason="no burst"), Onset(time_s=1.0, visible_s=1.0, method="hmm")
    mixed = learn_rises([*onsets, missing, plain])
    assert (mixed[-2].found, mixed[-2].reason, mixed[-1].time_s) == (False, "no burst", 1.0)
    assert [o.time_s for o in mixed[:-2]] == [o.time_s for o in learn_rises(onsets)]
    assert all(o.rise is None for o in [*one, *mixed])


def test_the_error_that_lags_leave_grows_with_their_difference() -> None:
    def pair(lag_s: float) -> tuple[Onset, Onset]:
        return Onset(time_s=1.0 - lag_s, visible_s=1.0, smooth=1.0), Onset(time_s=0.98, visible_s=1.0, smooth=1.0)

    assert lag_error_s([pair(0.02)] * 5) == pytest.approx(0.0)
    assert lag_error_s([pair(0.04)] * 5) < lag_error_s([pair(0.08)] * 5)


def test_a_muscle_that_looks_smooth_beside_one_that_does_not_leaves_an_error() -> None:
    smooth, rough = (Onset(time_s=1.0, visible_s=1.0, smooth=share) for share in (1.0, 0.0))
    assert lag_error_s([(smooth, smooth)] * 5) == lag_error_s([(rough, rough)] * 5) == 0.0
    assert 0.01 < lag_error_s([(smooth, rough)] * 5) == lag_error_s([(rough, smooth)] * 5)
