"""Channels that are no raw EMG: silent, envelopes, copies; and a zero line that wanders."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import signal

from emgorder.conditioning.energy import moving_rms
from emgorder.conditioning.quality.assess import assess
from emgorder.model import Channel, FloatArray, Recording


def smoothed(data: FloatArray, cutoff_Hz: float) -> FloatArray:
    sos = signal.butter(2, cutoff_Hz, fs=1000.0, output="sos")
    low: FloatArray = signal.sosfilt(sos, np.abs(data), axis=0)
    return low


@pytest.mark.parametrize("cutoff_Hz", [3.0, 6.0, 20.0])
def test_a_linear_envelope_is_a_stop_and_nothing_else_is_said_of_it(clean: Recording, cutoff_Hz: float) -> None:
    found = assess(replace(clean, data=smoothed(clean.data, cutoff_Hz)))
    assert [(f.kind, f.severity) for f in found] == [("envelope", "stop")] * 2
    assert "not raw EMG" in found[0].message


def test_moving_rms_and_rectified_emg_are_envelopes_too(clean: Recording) -> None:
    for data in (moving_rms(clean.data, 1000.0, window_s=0.1), np.abs(clean.data)):
        assert [f.kind for f in assess(replace(clean, data=data))] == ["envelope"] * 2


def test_a_channel_that_says_it_is_an_envelope_is_believed(clean: Recording) -> None:
    channels = (replace(clean.channels[0], kind="envelope"), clean.channels[1])
    assert [(f.kind, f.channel) for f in assess(replace(clean, channels=channels))] == [("envelope", "GMAX_R")]


def test_an_offset_makes_no_envelope_of_raw_emg(clean: Recording) -> None:
    assert assess(replace(clean, data=clean.data + 5e-3)) == ()


def test_a_wandering_zero_line_is_told_with_its_size(clean: Recording) -> None:
    wander = 300e-6 * np.sin(2 * np.pi * 0.11 * np.arange(clean.n_samples) / 1000.0)
    data = clean.data + np.column_stack([wander, 0.1 * wander])
    (finding,) = assess(replace(clean, data=data))
    assert (finding.kind, finding.channel, finding.severity) == ("drift", "GMAX_R", "info")
    assert finding.value == pytest.approx(6.0, rel=0.15)
    assert finding.message.startswith("zero line of glute wanders by ")
    assert " µV, " in finding.message


def test_a_channel_that_shows_another_is_told_on_both(clean: Recording) -> None:
    own = np.random.default_rng(1).normal(size=clean.n_samples) * 1e-6
    for copy in (clean.data[:, 0], -3.0 * clean.data[:, 0], clean.data[:, 0] + own):
        found = assess(replace(clean, data=np.column_stack([clean.data[:, 0], copy])))
        assert [(f.kind, f.channel, f.severity) for f in found] == [
            ("identical", "GMAX_R", "stop"),
            ("identical", "BF_R", "stop"),
        ]


def test_cross_talk_and_common_hum_do_not_make_two_channels_one(clean: Recording) -> None:
    hum = 300e-6 * np.sin(2 * np.pi * 50 * np.arange(clean.n_samples) / 1000.0)
    mixed = clean.data[:, 1] + 0.6 * clean.data[:, 0]
    found = assess(replace(clean, data=np.column_stack([clean.data[:, 0], mixed]) + hum[:, np.newaxis]))
    assert {f.kind for f in found} == {"mains"}


def test_two_dead_channels_are_dead_not_identical(clean: Recording) -> None:
    assert [f.kind for f in assess(replace(clean, data=np.zeros_like(clean.data)))] == ["dead", "dead"]


def test_a_channel_below_the_noise_of_any_amplifier_is_dead(clean: Recording) -> None:
    data = clean.data * np.array([1e-4, 1.0])
    assert [(f.kind, f.channel) for f in assess(replace(clean, data=data))] == [("dead", "GMAX_R")]
    unknown_gain = (replace(clean.channels[0], unit="a.u."), clean.channels[1])
    assert assess(replace(clean, data=data, channels=unknown_gain)) == ()


def test_a_channel_that_is_constant_for_nearly_all_of_the_time_is_dead(clean: Recording) -> None:
    data = clean.data[:, :1].copy()
    data[1500:] = 2e-3
    (finding,) = assess(Recording(data, 1000.0, (Channel("BF_R", "BF", "R"),)))
    assert (finding.kind, finding.message) == ("dead", "no signal from hamstring: constant 95% of the time")
