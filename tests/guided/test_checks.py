"""Contact, rest and taps, judged."""

from __future__ import annotations

import numpy as np
import pytest

from emgorder.guided.checks import judge_contact, judge_rest, judge_taps
from emgorder.guided.faults import bad_electrodes
from emgorder.guided.levels import Levels
from emgorder.guided.screens import Check
from emgorder.model import Channel

CHANNELS = (Channel("GMAX_R", "GMAX", "R"), Channel("BF_R", "BF", "R"))
FS = 1000.0


def contact(effort_gain: float, other_gain: float = 1.0, efforts: dict[int, float] | None = None) -> list[Check]:
    raw = np.random.default_rng(2).normal(size=(5500, 2)) * 5e-6
    raw[2500:, 0] *= effort_gain
    raw[2500:, 1] *= other_gain
    return judge_contact(
        CHANNELS,
        0,
        raw,
        FS,
        effort_s=(2.6, 5.5),
        effort=np.array([effort_gain, other_gain]) * 5e-6,
        rest=np.full(2, 5e-6),
        efforts={} if efforts is None else efforts,
    )


def test_a_clear_effort_is_good() -> None:
    (check,) = contact(10.0)
    assert (check.state, check.text) == ("ok", "Glute: 20 dB above rest")


def test_a_weak_effort_says_what_to_do() -> None:
    check = contact(2.0)[0]
    assert check.state == "attention"
    assert check.remedy == "Glute noisy: re-clean the skin."


def test_no_effort_at_all_is_a_stop() -> None:
    (check,) = contact(1.0)
    assert (check.state, check.text) == ("stop", "Glute: nothing came")


def test_the_other_muscle_that_rises_with_it_is_mentioned_not_blamed() -> None:
    found = contact(10.0, 8.0, {1: 10 * 5e-6})
    assert [check.text for check in found if check.state == "info"] == ["hamstring also rises (80 % of its own effort)"]


def test_rest_that_is_restless_or_near_effort_is_tense() -> None:
    levels = Levels(FS, 2)
    data = np.random.default_rng(2).normal(size=(5000, 2))
    data[2000:, 1] *= 5
    levels.push(data)
    assert [check.state for check in judge_rest(CHANNELS, [0, 1], levels, 5.0, {})] == ["ok", "attention"]
    tense = judge_rest(CHANNELS, [0], levels, 5.0, {0: 2.0})
    assert (tense[0].text, tense[0].state) == ("Glute still tense", "attention")


def tap(at_s: float, t_s: np.ndarray) -> np.ndarray:
    return -(t_s - at_s) * np.exp(-np.square((t_s - at_s) / 4e-3) / 2) * 1e-1


def test_taps_tell_how_far_two_clocks_are_apart() -> None:
    t_s = np.arange(9000) / FS
    rng = np.random.default_rng(1)
    glute, hamstring = rng.normal(size=(2, t_s.size)) * 2e-6
    for k in range(5):
        glute += tap(2.15 + k + 0.006, t_s)
        hamstring += tap(2.15 + k, t_s)
    check, sync = judge_taps(glute, hamstring, FS, [2.0 + k for k in range(5)], start_s=0.0)
    assert check.state == "ok"
    assert check.text.startswith("Clock difference 6 ms ± ")
    assert sync is not None
    assert sync.offset_s == pytest.approx(0.006, abs=0.001)


def test_no_taps_are_named_with_the_remedy() -> None:
    quiet = np.random.default_rng(1).normal(size=(2, 9000)) * 2e-6
    check, sync = judge_taps(*quiet, FS, [3.0, 4.0], start_s=0.0)
    assert sync is None
    assert check.state == "attention"
    assert "tap both with one finger" in check.remedy


def test_hum_alone_and_nothing_at_all_are_bad_electrodes_and_emg_is_none() -> None:
    t_s = np.arange(1000) / FS
    emg = np.random.default_rng(1).normal(size=1000) * 5e-5
    hum = 3e-4 * np.sin(2 * np.pi * 50 * t_s)
    assert list(bad_electrodes(CHANNELS, np.column_stack([emg, hum]), FS)) == ["BF_R"]
    assert "no signal at all" in bad_electrodes(CHANNELS, np.column_stack([emg, 0 * hum]), FS)["BF_R"]
    assert bad_electrodes(CHANNELS, np.column_stack([emg, emg + 0.05 * hum]), FS) == {}
    assert bad_electrodes(CHANNELS, np.column_stack([emg, emg])[:300], FS) == {}
