"""Lost samples, frozen signals, held values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emgorder.conditioning.quality import assess, estimate_true_rate
from emgorder.model import Channel, Recording


def test_gaps_are_counted_in_number_seconds_and_share(clean: Recording) -> None:
    data = clean.data.copy()
    for start in (1000, 9000, 20_000):
        data[start : start + 200, 1] = np.nan
    (finding,) = assess(replace(clean, data=data))
    assert (finding.kind, finding.channel, finding.severity) == ("dropouts", "BF_R", "attention")
    assert finding.message == "hamstring has 3 gaps, 0.6 s in all, 1.9 % of the samples"
    assert finding.value == pytest.approx(600 / 32_000)


def test_a_single_short_gap_is_only_worth_knowing(clean: Recording) -> None:
    data = clean.data.copy()
    data[500:520, 0] = np.nan
    (finding,) = assess(replace(clean, data=data))
    assert (finding.severity, finding.message) == ("info", "glute has 1 gap, 0.02 s in all, 0.062 % of the samples")


def test_a_sensor_that_starts_later_and_ends_earlier_has_no_gaps(clean: Recording) -> None:
    data = clean.data.copy()
    data[:700, 0] = data[-700:, 0] = np.nan
    assert assess(replace(clean, data=data)) == ()


def test_a_signal_that_stands_still_is_noticed(clean: Recording) -> None:
    data = clean.data.copy()
    data[5000:5400, 0] = data[4999, 0]
    data[15_000:15_600, 0] = 0.0
    (finding,) = assess(replace(clean, data=data))
    assert (finding.kind, finding.severity) == ("frozen", "attention")
    assert finding.message == "glute stands still in 2 places, 1 s in all"


def test_a_coarse_converter_that_rests_does_not_stand_still(clean: Recording) -> None:
    coarse = np.round(clean.data / 20e-6) * 20e-6
    assert "frozen" not in {f.kind for f in assess(replace(clean, data=coarse))}


@pytest.mark.parametrize(("times", "severity"), [(2, "info"), (5, "attention")])
def test_held_values_are_told_with_their_rate(clean: Recording, times: int, severity: str) -> None:
    held = np.repeat(clean.data[: len(clean.data) // times], times, axis=0)
    found = assess(replace(clean, data=held, sampling_frequency=1000.0))
    assert [(f.kind, f.severity, f.value) for f in found] == [("held", severity, 1000.0 / times)] * 2


def test_too_few_new_values_a_second_are_a_stop(clean: Recording) -> None:
    held = np.repeat(clean.data[:3200], 20, axis=0)
    found = assess(replace(clean, data=held))
    assert [(f.kind, f.severity) for f in found] == [("held", "stop")] * 2


def test_a_recording_slower_than_emg_is_a_stop(clean: Recording) -> None:
    found = assess(replace(clean, sampling_frequency=50.0))
    assert [f.message for f in found] == [
        f"{muscle} has only 50 new values a second, too slow for EMG" for muscle in ("glute", "hamstring")
    ]


def test_the_rate_that_a_channel_states_is_believed(clean: Recording) -> None:
    channels = tuple(replace(c, true_rate_Hz=500.0) for c in clean.channels)
    assert {(f.kind, f.value) for f in assess(replace(clean, channels=channels))} == {("held", 500.0)}


@pytest.mark.parametrize("times", [1, 2, 5, 10])
def test_the_true_rate_is_estimated_across_gaps_and_in_long_signals(times: int) -> None:
    values = np.random.default_rng(2).normal(size=400_000 // times)
    signal = np.repeat(values, times)
    signal[1000:1100] = np.nan
    signal[2000] = np.inf
    assert estimate_true_rate(signal, 1000.0) == pytest.approx(1000.0 / times, rel=0.01)


def test_signals_without_enough_to_tell_have_the_rate_of_their_rows() -> None:
    for signal in (np.empty(0), np.ones(1), np.full(900, np.nan), np.zeros(900)):
        assert estimate_true_rate(signal, 250.0) == 250.0


def test_channel_without_a_muscle_is_called_by_its_label(clean: Recording) -> None:
    data = clean.data.copy()
    data[500:520, 0] = np.nan
    (finding,) = assess(replace(clean, data=data, channels=(Channel("ch1"), Channel("ch2"))))
    assert finding.message.startswith("ch1 has 1 gap")
