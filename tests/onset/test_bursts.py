from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emgorder.conditioning import bandpass
from emgorder.errors import RecordingError, SettingsError
from emgorder.model import FloatArray
from emgorder.onset import detect_onset, detect_onsets
from emgorder.onset.bursts import find_bursts

FS = 1000.0


def session(
    seed: int, sampling_frequency: float, snr_dB: float, n_bursts: int = 5, spread_dB: float = 0.0
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return noise with bursts of 0.5 to 4 s, rests of 2 to 4 s between them, and when they begin and end."""
    rng = np.random.default_rng(seed)
    lengths = np.column_stack((rng.uniform(2.0, 4.0, n_bursts + 1), rng.uniform(0.5, 4.0, n_bursts + 1)))
    edges_s = np.cumsum(lengths.ravel())[:-1]
    starts_s, stops_s = edges_s[:-1:2], edges_s[1::2]
    time_s = np.arange(int(edges_s[-1] * sampling_frequency)) / sampling_frequency
    gain = np.zeros(time_s.size)
    for start_s, stop_s in zip(starts_s, stops_s, strict=True):
        ramp_s = rng.uniform(0.02, 0.2)
        edge = np.clip(np.minimum(time_s - start_s, stop_s - time_s) / ramp_s, 0.0, 1.0)
        gain += 10.0 ** ((snr_dB + rng.uniform(-spread_dB, spread_dB)) / 20.0) * edge
    noise, emg = rng.standard_normal((2, time_s.size))
    return bandpass(noise + gain * emg, sampling_frequency), starts_s, stops_s


def spans(emg: FloatArray, sampling_frequency: float) -> FloatArray:
    return np.array([(b.start_s, b.stop_s) for b in find_bursts(emg, sampling_frequency)]).reshape(-1, 2)


@pytest.mark.parametrize("rate_Hz", [200.0, 500.0, 1000.0, 2000.0])
@pytest.mark.parametrize("snr_dB", [10.0, 20.0, 30.0])
def test_every_burst_is_found_and_nothing_else(rate_Hz: float, snr_dB: float) -> None:
    for seed in range(4):
        emg, starts_s, stops_s = session(seed, rate_Hz, snr_dB, spread_dB=3.0)
        found = spans(emg, rate_Hz)
        assert len(found) == len(starts_s)
        assert np.abs(found[:, 0] - starts_s).max() < 0.25
        assert np.abs(found[:, 1] - stops_s).max() < 0.25


@pytest.mark.parametrize("rate_Hz", [200.0, 1000.0])
def test_nearly_every_burst_is_found_at_6_dB(rate_Hz: float) -> None:
    n_found = n_true = 0
    for seed in range(8):
        emg, starts_s, stops_s = session(seed, rate_Hz, 6.0)
        found = spans(emg, rate_Hz)
        n_true += len(starts_s)
        n_found += sum(
            bool(np.any((found[:, 0] < b) & (found[:, 1] > a))) for a, b in zip(starts_s, stops_s, strict=True)
        )
        assert len(found) <= len(starts_s)
    assert n_found >= 0.9 * n_true


@pytest.mark.parametrize("rate_Hz", [200.0, 250.0, 1000.0, 2000.0])
def test_pure_noise_has_no_bursts(rate_Hz: float) -> None:
    for seed in range(4):
        noise = np.random.default_rng(seed).standard_normal(int(60 * rate_Hz))
        assert find_bursts(bandpass(noise, rate_Hz), rate_Hz) == []


def test_one_burst_is_enough() -> None:
    emg, starts_s, _ = session(3, FS, 15.0, n_bursts=1)
    assert spans(emg, FS)[:, 0] == pytest.approx(starts_s, abs=0.15)


@pytest.mark.parametrize("gain", [1e-6, 1e6, -1.0])
def test_bursts_do_not_depend_on_gain_or_polarity(gain: float) -> None:
    emg, _, _ = session(1, FS, 15.0)
    np.testing.assert_array_equal(spans(gain * emg, FS), spans(emg, FS))


def test_rest_may_drift_over_a_session() -> None:
    emg, starts_s, _ = session(2, FS, 20.0, n_bursts=40)
    drift = 10.0 ** np.linspace(0.0, 1.0, emg.size)  # 20 dB
    assert len(find_bursts(drift * emg, FS)) == len(starts_s) == 40


def test_heart_beats_are_no_bursts_even_where_there_is_nothing_else() -> None:
    rng = np.random.default_rng(5)
    beats = np.zeros(60_000)
    beats[400::850] = 60.0
    heart = np.convolve(beats, np.hanning(40), mode="same")
    assert find_bursts(bandpass(rng.standard_normal(60_000) + heart, FS), FS) == []


def test_strays_far_below_the_bursts_are_dropped() -> None:
    emg, starts_s, stops_s = session(6, FS, 26.0)
    assert len(find_bursts(emg, FS)) == 5
    middle = round(0.5 * (stops_s[0] + starts_s[1]) * FS)
    emg[middle : middle + 150] *= 3.0
    assert len(find_bursts(emg, FS)) == 5


def test_short_pauses_do_not_end_a_burst_and_long_ones_do() -> None:
    rng = np.random.default_rng(7)
    gain = np.ones(12_000)
    gain[4000:6000] = 10.0
    gain[4900:5000] = 1.0
    assert len(find_bursts(rng.standard_normal(12_000) * gain, FS)) == 1
    gain[4800:5300] = 1.0
    assert len(find_bursts(rng.standard_normal(12_000) * gain, FS)) == 2
    assert len(find_bursts(rng.standard_normal(12_000) * gain, FS, shortest_pause_s=0.8)) == 1


def test_short_gaps_do_not_end_a_burst_and_long_ones_do() -> None:
    emg, _, _ = session(8, FS, 20.0, n_bursts=1)
    [burst] = find_bursts(emg, FS)
    middle = round(0.5 * (burst.start_s + burst.stop_s) * FS)
    emg[middle : middle + 60] = np.nan
    np.testing.assert_array_equal(spans(emg, FS), [[burst.start_s, burst.stop_s]])
    emg[middle : middle + 400] = np.nan
    first, second = find_bursts(emg, FS)
    assert first.stop_s == pytest.approx(middle / FS, abs=0.04)
    assert second.start_s == pytest.approx(middle / FS + 0.4, abs=0.04)


def test_a_pad_is_no_rest_unless_there_is_no_other() -> None:
    emg, starts_s, _ = session(9, FS, 15.0)
    padded = np.concatenate((np.zeros(20_000), emg, np.zeros(20_000)))
    assert spans(padded, FS)[:, 0] == pytest.approx(20.0 + starts_s, abs=0.15)
    alone = np.concatenate((np.zeros(3000), np.random.default_rng(1).standard_normal(2000)))
    assert spans(alone, FS)[:, 0] == pytest.approx([3.0], abs=0.04)


def test_a_burst_that_is_cut_begins_or_ends_with_the_signal() -> None:
    emg, starts_s, stops_s = session(10, FS, 20.0, n_bursts=3)
    cut = emg[round((starts_s[0] + 0.2) * FS) : round((stops_s[2] - 0.2) * FS)]
    found = find_bursts(cut, FS)
    assert len(found) == 3
    assert found[0].start_s == 0.0
    assert found[-1].stop_s == pytest.approx(cut.size / FS, abs=0.04)


def test_a_burst_says_when_it_is_sure_and_how_far_it_rises() -> None:
    emg, _, _ = session(11, FS, 20.0)
    for burst in find_bursts(emg, FS):
        assert burst.start_s <= burst.core_s < burst.stop_s
        assert burst.rise_dB == pytest.approx(20.0, abs=4.0)


@pytest.mark.parametrize("emg", [[], np.full(3000, np.nan), np.zeros(3000), np.ones(10)])
def test_what_has_no_signal_has_no_bursts(emg: FloatArray) -> None:
    assert find_bursts(emg, FS) == []
    assert detect_onsets(emg, FS) == []


def test_what_is_no_signal_is_refused() -> None:
    with pytest.raises(RecordingError, match="one channel"):
        find_bursts(np.zeros((100, 2)), FS)
    with pytest.raises(SettingsError, match="sampling_frequency"):
        find_bursts(np.zeros(100), 0.0)
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


def two_bursts(seed: int, sampling_frequency: float) -> FloatArray:
    """Return raw noise with bursts from 2 to 3 s and from 5 to 6.5 s."""
    time_s = np.arange(round(9.0 * sampling_frequency)) / sampling_frequency
    active = ((time_s >= 2.0) & (time_s < 3.0)) | ((time_s >= 5.0) & (time_s < 6.5))
    return np.random.default_rng(seed).standard_normal(time_s.size) * np.where(active, 10.0, 1.0)


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


def test_a_burst_says_whether_it_is_cut() -> None:
    emg, _, _ = session(10, FS, 20.0, n_bursts=3)
    assert [(b.cut_start, b.cut_stop) for b in find_bursts(emg, FS)] == [(False, False)] * 3


def test_raw_signals_are_conditioned_first() -> None:
    rng = np.random.default_rng(14)
    gain = np.where(np.arange(9000) // 1000 % 3 == 2, 10.0, 1.0)
    drift = 1e3 + 50.0 * np.sin(2.0 * np.pi * 0.3 * np.arange(9000) / FS)
    onsets = detect_onsets(rng.standard_normal(9000) * gain + drift, FS)
    assert [o.time_s for o in onsets] == pytest.approx([2.0, 5.0, 8.0], abs=0.01)


def real(folder: Path, dataset: str, file: str, channel: str) -> tuple[FloatArray, float]:
    rate_Hz = json.loads((folder / dataset / "meta.json").read_text())["files"][file]["fs"]
    return pd.read_csv(folder / dataset / file)[channel].to_numpy(np.float64), float(rate_Hz)


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


def test_onsets_of_real_recordings_are_where_readers_see_them(data_folder: Path) -> None:
    readings = pd.read_csv(data_folder / "readings" / "dev.csv")
    readings = readings[readings["consensus"] == 1]
    late_s: list[float] = []
    for (dataset, file, channel), rows in readings.groupby(["dataset", "file", "channel"]):
        found_s = np.array([o.time_s for o in detect_onsets(*real(data_folder, dataset, file, channel))])
        late_s += [float(np.nanmin(np.abs(found_s - read_s))) for read_s in rows["onset_s"]]
    assert np.median(late_s) < 0.008  # 5.4 ms measured
    assert np.mean(np.array(late_s) < 0.2) > 0.9
