from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emgorder.conditioning import bandpass
from emgorder.errors import SettingsError
from emgorder.model import FloatArray
from emgorder.onset import detect_onset, detect_onsets
from emgorder.onset.bursts import find_bursts
from tests.onset.long_signals import real, session, two_bursts

FS = 1000.0


@pytest.mark.parametrize("emg", [[], np.full(3000, np.nan), np.zeros(3000), np.ones(10)])
def test_what_has_no_signal_has_no_onsets(emg: FloatArray) -> None:
    assert detect_onsets(emg, FS) == []


def test_a_method_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SettingsError, match="no onset method"):
        detect_onsets(np.zeros(100), FS, method="oracle")


def test_onsets_of_a_long_signal_are_those_of_its_bursts() -> None:
    emg, starts_s, stops_s = session(12, FS, 20.0)
    onsets = detect_onsets(emg, FS, conditioned=True)
    assert [o.time_s for o in onsets] == pytest.approx(starts_s, abs=0.06)
    assert [o.offset_s for o in onsets] == pytest.approx(stops_s, abs=0.06)
    window = slice(round((starts_s[1] - 1.0) * FS), round((starts_s[1] + 0.7) * FS))
    alone = detect_onset(emg[window], FS, conditioned=True).shifted(window.start / FS)
    assert onsets[1].time_s == pytest.approx(alone.time_s, abs=0.01)


def test_a_burst_without_an_onset_keeps_its_row_with_the_reason() -> None:
    emg, starts_s, _ = session(13, FS, 20.0, n_bursts=3)
    emg = emg[round((starts_s[0] + 0.2) * FS) :]
    starts_s = starts_s - starts_s[0] - 0.2
    emg[round((starts_s[1] - 0.1) * FS) : round((starts_s[1] + 0.05) * FS)] = np.nan
    first, second, third = detect_onsets(emg, FS, conditioned=True)
    assert first.reason == "burst at 0.0 s: the signal begins within the burst"
    assert math.isnan(first.probability)
    assert second.reason.endswith("s: samples were lost around the onset")
    assert all(math.isnan(o.time_s) and math.isfinite(o.offset_s) for o in (first, second))
    assert third.time_s == pytest.approx(starts_s[2], abs=0.06)


@pytest.mark.parametrize("conditioned", [False, True])
def test_a_gap_within_a_burst_hides_the_end_before_it_and_the_beginning_after_it(conditioned: bool) -> None:
    for seed in range(4):
        emg = np.random.default_rng(seed).standard_normal(9000) * np.where(np.arange(9000) // 3000 == 1, 10.0, 1.0)
        emg[4200:4700] = np.nan
        before, after = detect_onsets(emg, FS, conditioned=conditioned)
        assert before.time_s == pytest.approx(3.0, abs=0.04)
        assert math.isnan(before.offset_s)
        assert after.reason == "burst at 4.7 s: the gap ends within the burst"
        assert math.isnan(after.time_s)
        assert math.isnan(after.probability)
        assert after.offset_s == pytest.approx(6.0, abs=0.1)


@pytest.mark.parametrize(("rate_Hz", "off_s"), [(200.0, 0.030), (500.0, 0.010), (1000.0, 0.006), (2000.0, 0.006)])
@pytest.mark.parametrize("method", ["posterior", "hodges_bui"])
def test_offsets_are_as_sharp_as_onsets_and_lie_in_their_intervals(rate_Hz: float, off_s: float, method: str) -> None:
    for seed in range(3):
        found = detect_onsets(two_bursts(seed, rate_Hz), rate_Hz, method=method)
        assert [o.offset_s for o in found] == pytest.approx([3.0, 6.5], abs=off_s)
        for onset, true_s in zip(found, (3.0, 6.5), strict=True):
            assert onset.offset_low_s < onset.offset_s < onset.offset_high_s
            assert onset.offset_low_s - 0.005 < true_s < onset.offset_high_s + 0.005


def test_a_reversed_signal_has_its_onsets_and_offsets_exchanged() -> None:
    emg = two_bursts(1, FS)
    there, back = detect_onsets(emg, FS, method="hmm"), detect_onsets(emg[::-1], FS, method="hmm")[::-1]
    for one, other in zip(there, back, strict=True):
        assert one.offset_s == pytest.approx(9.0 - other.time_s, abs=0.002)
        assert one.offset_low_s == pytest.approx(9.0 - other.high_s, abs=0.002)
        assert one.offset_high_s == pytest.approx(9.0 - other.low_s, abs=0.002)
        assert one.time_s == pytest.approx(9.0 - other.offset_s, abs=0.002)


@pytest.mark.parametrize("seed", range(6))
def test_a_short_burst_shortly_before_a_stronger_one_keeps_its_own_onset(seed: int) -> None:
    t = np.arange(6000) / FS
    gain = 1.0 + 6.0 * ((t > 2.0) & (t < 2.15)) + 20.0 * ((t > 2.4) & (t < 3.2))
    emg = np.random.default_rng(seed).standard_normal(t.size) * gain
    weak, strong = detect_onsets(emg, FS)
    assert [weak.time_s, strong.time_s] == pytest.approx([2.0, 2.4], abs=0.05)
    assert [weak.offset_s, strong.offset_s] == pytest.approx([2.15, 3.2], abs=0.05)
    strong, weak = detect_onsets(emg[::-1], FS)
    assert [strong.offset_s, weak.offset_s] == pytest.approx([6.0 - 2.4, 6.0 - 2.0], abs=0.05)


def test_an_end_beside_a_short_gap_stays_rough() -> None:
    emg = two_bursts(1, FS)
    emg[2980:3030] = np.nan
    first, second = detect_onsets(emg, FS)
    assert first.offset_s == pytest.approx(3.0, abs=0.1)
    assert math.isnan(first.offset_low_s)
    assert math.isnan(first.offset_high_s)
    assert second.offset_s == pytest.approx(6.5, abs=0.006)


def test_a_burst_that_goes_on_to_the_end_has_no_offset() -> None:
    emg = np.random.default_rng(1).standard_normal(6000) * np.where(np.arange(6000) < 3000, 1.0, 10.0)
    for signal in (emg, np.append(emg, np.zeros(500))):  # cut, or the sensor went off
        [onset] = detect_onsets(signal, FS)
        assert onset.time_s == pytest.approx(3.0, abs=0.02)
        assert math.isnan(onset.offset_s)


def test_a_burst_that_follows_a_pad_begins_before_the_signal() -> None:
    emg = np.random.default_rng(1).standard_normal(6000) * np.where(np.arange(6000) < 2000, 10.0, 1.0)
    [onset] = detect_onsets(np.append(np.zeros(500), emg), FS)
    assert onset.reason == "burst at 0.5 s: the signal begins within the burst"
    assert onset.offset_s == pytest.approx(2.5, abs=0.1)


def test_raw_signals_are_conditioned_first() -> None:
    rng = np.random.default_rng(14)
    gain = np.where(np.arange(9000) // 1000 % 3 == 2, 10.0, 1.0)
    drift = 1e3 + 50.0 * np.sin(2.0 * np.pi * 0.3 * np.arange(9000) / FS)
    onsets = detect_onsets(rng.standard_normal(9000) * gain + drift, FS)
    assert [o.time_s for o in onsets] == pytest.approx([2.0, 5.0, 8.0], abs=0.01)


@pytest.mark.parametrize(
    ("dataset", "file", "channel", "n_bursts"),
    [
        ("lift12kg_8ch", "lift12kg.csv", "ch1", 11),
        ("lift12kg_8ch", "lift12kg.csv", "ch6", 11),
        ("emggo_ta_250hz", "ta.csv", "TA", 56),
        ("biosignalsnotebooks", "emg_bursts.csv", "channel_3", 9),
        ("musclesynergies_walking", "walk_right_leg.csv", "MA", 7),
        ("bmc_gait_emg", "gait.csv", "LBIC", 5),
        ("myo_armband_aljaz", "35622-1_g2.csv", "emg1", 6),
    ],
)
def test_bursts_of_real_recordings_are_counted_right(
    data_folder: Path, dataset: str, file: str, channel: str, n_bursts: int
) -> None:
    emg, rate_Hz = real(data_folder, dataset, file, channel)
    assert len(find_bursts(bandpass(emg, rate_Hz), rate_Hz)) == n_bursts
    assert len(detect_onsets(emg, rate_Hz)) == n_bursts


@pytest.mark.parametrize(
    ("dataset", "file"), [("musclesynergies_walking", "walk_right_leg.csv"), ("uci_lower_limb", "3Amar.csv")]
)
def test_no_burst_of_a_real_recording_ends_before_it_begins(data_folder: Path, dataset: str, file: str) -> None:
    found = [o for o in detect_onsets(*real(data_folder, dataset, file, "RF")) if o.found]
    assert all(o.time_s < o.offset_s for o in found if math.isfinite(o.offset_s))
    assert all(before.time_s < after.time_s for before, after in pairwise(found))


def test_onsets_of_real_recordings_are_where_readers_see_them(data_folder: Path) -> None:
    readings = pd.read_csv(data_folder / "readings" / "dev.csv")
    readings = readings[readings["consensus"] == 1]
    late_s: list[float] = []
    for (dataset, file, channel), rows in readings.groupby(["dataset", "file", "channel"]):
        found_s = np.array([o.time_s for o in detect_onsets(*real(data_folder, dataset, file, channel))])
        late_s += [float(np.nanmin(np.abs(found_s - read_s))) for read_s in rows["onset_s"]]
    assert np.median(late_s) < 0.008  # 5.4 ms measured
    assert np.mean(np.array(late_s) < 0.2) > 0.9
