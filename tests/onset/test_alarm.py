"""The alarm: soon after the onset, rarely at rest, the same at any gain."""

from __future__ import annotations

import os

import numpy as np
import pytest

from emgorder.conditioning.causal import filter_all
from emgorder.conditioning.filters import design_bandpass
from emgorder.model import FloatArray
from emgorder.onset.alarm import ActivityAlarm, Heard
from emgorder.simulate import simulate_session


def listen(signals: FloatArray, rate: float = 1000.0, hop_s: float = 0.025) -> list[list[Heard]]:
    """Return what each hop showed of each muscle."""
    hop = round(hop_s * rate)
    alarm = ActivityAlarm(rate, signals.shape[1], hop=hop)
    return [alarm.push(signals[k : k + hop]) for k in range(0, len(signals) - hop + 1, hop)]


def alarms_s(signals: FloatArray, rate: float = 1000.0, hop_s: float = 0.025) -> list[list[float]]:
    """Return the times of the alarms of each muscle."""
    hop = round(hop_s * rate)
    heard = listen(signals, rate, hop_s)
    return [
        [(k * hop + at) / rate for k, said in enumerate(heard) if (at := said[m].alarm) is not None]
        for m in range(signals.shape[1])
    ]


def noise(seconds: float, rate: float = 1000.0, n_muscles: int = 1, seed: int = 0) -> FloatArray:
    return np.random.default_rng(seed).normal(size=(round(seconds * rate), n_muscles))


@pytest.mark.parametrize("rate", [200.0, 1000.0, 2000.0])
def test_a_loud_burst_is_heard_within_a_tenth_of_a_second(rate: float) -> None:
    signals = noise(6.0, rate)
    signals[round(4.0 * rate) : round(5.0 * rate)] *= 8.0
    (found,) = alarms_s(signals, rate)
    assert len(found) == 1
    assert 4.0 < found[0] < 4.1


def test_the_alarm_knows_nothing_of_the_future() -> None:
    signals = noise(6.0)
    signals[4000:] *= 8.0
    assert listen(signals)[:168] == listen(signals[:4200])


def test_muscles_do_not_hear_each_other() -> None:
    signals = noise(6.0, n_muscles=2)
    signals[4000:5000, 1] *= 8.0
    first, second = alarms_s(signals)
    assert first == []
    assert second == alarms_s(signals[:, 1:])[0]


def test_gain_does_not_matter() -> None:
    signals = noise(6.0)
    signals[4000:] *= 4.0
    assert alarms_s(signals * 1e-6) == alarms_s(signals * 1e3) != [[]]


def test_there_is_no_alarm_in_the_first_second_whatever_happens() -> None:
    signals = noise(1.0)
    signals[500:] *= 20.0
    assert alarms_s(signals) == [[]]


def test_a_short_stray_potential_makes_no_alarm_however_high() -> None:
    signals = noise(6.0)
    signals[4000:4020] *= 1000.0
    assert alarms_s(signals) == [[]]


def test_lost_samples_and_silence_make_no_alarm_and_no_end_of_hearing() -> None:
    signals = noise(10.0)
    signals[3000:4000] = np.nan
    signals[5000:6000] = 0.0
    signals[8000:9000] *= 8.0
    (found,) = alarms_s(signals)
    assert len(found) == 1
    assert 8.0 < found[0] < 8.1


def test_simulated_lifts_are_heard_and_rest_is_quiet() -> None:
    session = simulate_session(seed=100, n_lifts=8, rest_s=8.0, missing_share=0.0)
    heard = alarms_s(filter_all(design_bandpass(1000.0), session.data))
    assert session.truth is not None
    delays, wrong = [], 0
    for found, channel in zip(heard, session.channels, strict=True):
        rows = session.truth[session.truth["channel"] == channel.label]
        spans = list(zip(rows["onset_s"], rows["offset_s"], strict=True))
        delays += [min((t - a for t in found if a <= t < b), default=np.inf) for a, b in spans]
        wrong += sum(not any(a <= t < b + 1.0 for a, b in spans) for t in found)
    assert np.median(delays) < 0.15
    assert np.mean(np.isfinite(delays)) >= 0.9
    assert wrong <= 1


def test_real_contractions_are_heard(data_folder: os.PathLike[str]) -> None:
    import pandas as pd

    read = pd.read_csv(f"{data_folder}/readings/dev.csv")
    rows = read[(read["consensus"] == 1) & (read["dataset"] == "emggo_ta_250hz")]
    delays = []
    for (file, channel), mine in rows.groupby(["file", "channel"]):
        raw = pd.read_csv(f"{data_folder}/emggo_ta_250hz/{file}")[[channel]].to_numpy(dtype=np.float64)
        (found,) = alarms_s(filter_all(design_bandpass(250.0), raw), 250.0)
        for onset_s in mine["onset_s"]:
            delays.append(min((t - onset_s for t in found if -0.1 < t - onset_s < 1.0), default=np.inf))
    assert len(delays) >= 3
    assert np.median(delays) < 0.3


def test_what_is_heard_hardly_depends_on_the_hop() -> None:
    session = simulate_session(seed=101, n_lifts=6, rest_s=8.0, missing_share=0.0)
    signals = filter_all(design_bandpass(1000.0), session.data)
    for fine, coarse in zip(alarms_s(signals, hop_s=0.025), alarms_s(signals, hop_s=0.05), strict=True):
        assert len(fine) == len(coarse) >= 5
        assert np.abs(np.subtract(fine, coarse)).max() < 0.01
