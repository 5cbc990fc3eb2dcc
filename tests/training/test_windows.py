"""Simulated windows hold what their labels say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.folds import FOLD, NETS, held_out_net, may_learn_from
from training.gaps import draw_gaps, hides_onset
from training.segments import Channel, Segments, cut_segments
from training.windows import draw_windows, visible_onset, window_pool


def test_every_data_set_is_held_out_from_one_net() -> None:
    for dataset in FOLD:
        assert [net for net in NETS if not may_learn_from(net, dataset)] == [held_out_net(dataset)]


@pytest.mark.parametrize("rate", [1000, 500, 400, 250, 200])
def test_windows_are_finite_and_their_onsets_lie_within_them(rate: int) -> None:
    windows = draw_windows(np.random.default_rng(rate), 24, 1200, rate, None)
    assert windows.features.shape == (24, 13, 300)
    assert np.isfinite(windows.features).all()
    known = np.isfinite(windows.visible_s)
    assert 0.3 < known.mean() < 1
    half_potential_s = 0.012  # potentials of motor units are centred on their discharge
    assert (windows.visible_s[known] >= windows.excited_s[known] - half_potential_s - 1.5 / rate).all()
    assert windows.visible_s[known].max() < 1.2
    np.testing.assert_array_equal(known, np.isfinite(windows.excited_s))


def test_the_power_rises_at_the_label_of_strong_bursts() -> None:
    windows = draw_windows(np.random.default_rng(5), 200, 1200, 1000, None)
    clear = np.flatnonzero((windows.snr_dB > 25) & np.isfinite(windows.visible_s))
    smooth = windows.features[clear, 3]
    at = (windows.visible_s[clear] * 250).astype(int)
    rises = [row[min(k + 25, 299)] - row[max(k - 8, 0)] for row, k in zip(smooth, at, strict=True)]
    assert clear.size > 15
    assert np.median(rises) > 0.5


def test_the_same_seed_gives_the_same_windows() -> None:
    one, two = (list(window_pool(4, 2, 6, None)) for _ in range(2))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a.features, b.features)
        np.testing.assert_array_equal(a.visible_s, b.visible_s)


def test_single_crossings_are_not_visible_onsets() -> None:
    burst = np.zeros((2, 1000))
    burst[0, 500] = 5.0
    assert np.isnan(visible_onset(burst, np.ones((2, 1)), 1000)).all()


def test_gaps_are_drawn_near_onsets_and_elsewhere() -> None:
    onset_s = np.full(400, 0.8)
    lost = draw_gaps(np.random.default_rng(2), 1500, 1000, onset_s)
    hidden = hides_onset(lost, 1000, onset_s)
    assert 0.25 < lost.any(axis=1).mean() < 0.45
    assert 0.03 < hidden.mean() < 0.25
    assert not hides_onset(lost, 1000, np.full(400, np.nan)).any()


def test_a_single_lost_sample_hides_only_what_is_next_to_it() -> None:
    lost = np.zeros((1, 1000), dtype=bool)
    lost[0, 500] = True
    assert [bool(hides_onset(lost, 1000, np.array([t]))[0]) for t in (0.49, 0.497, 0.503, 0.51)] == [
        False,
        True,
        True,
        False,
    ]


def test_rests_and_plateaus_are_cut_where_they_are() -> None:
    rng = np.random.default_rng(3)
    active = (np.arange(6000) // 1500) % 2 == 1
    samples = rng.standard_normal(6000) * np.where(active, 10, 1)
    rests, plateaus = cut_segments(Channel("a", "b.csv", "c", 1000, samples))
    assert len(rests) == 2
    assert len(plateaus) == 2
    for part in [*rests, *plateaus]:
        assert part.std() == pytest.approx(1, rel=1e-3)


def test_a_dead_channel_gives_no_segments() -> None:
    assert cut_segments(Channel("a", "b.csv", "c", 1000, np.zeros(3000))) == ([], [])


def test_segments_come_from_the_recordings_that_a_net_may_see(data_folder: Path) -> None:
    rng = np.random.default_rng(1)
    drawn = Segments(data_folder, "fold0").draw(rng, "rest", 1000, 2500)
    assert drawn is not None
    assert drawn.shape == (2500,)
    assert drawn.std() == pytest.approx(1, rel=1e-3)


def test_without_recordings_nothing_is_drawn(tmp_path: Path) -> None:
    assert Segments(tmp_path, "all").draw(np.random.default_rng(1), "rest", 1000, 500) is None
