from __future__ import annotations

import numpy as np
import pytest

from emgorder.conditioning import bandpass
from emgorder.errors import RecordingError, SettingsError
from emgorder.model import FloatArray
from emgorder.onset.bursts import find_bursts
from tests.onset.long_signals import session

FS = 1000.0


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


def test_what_is_no_signal_is_refused() -> None:
    with pytest.raises(RecordingError, match="one channel"):
        find_bursts(np.zeros((100, 2)), FS)
    with pytest.raises(SettingsError, match="sampling_frequency"):
        find_bursts(np.zeros(100), 0.0)


def test_a_burst_says_whether_it_is_cut() -> None:
    emg, starts_s, stops_s = session(10, FS, 20.0, n_bursts=3)
    assert [(b.cut_start, b.cut_stop) for b in find_bursts(emg, FS)] == [(False, False)] * 3
    within = slice(round((starts_s[0] + 0.2) * FS), round((stops_s[2] - 0.2) * FS))
    cut = [(b.cut_start, b.cut_stop) for b in find_bursts(emg[within], FS)]
    assert cut == [(True, False), (False, False), (False, True)]
