"""Bursts against rest, and rest against the quietest moments."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emgorder.conditioning.quality.assess import assess
from emgorder.conditioning.quality.levels import snr_dB
from emgorder.conditioning.quality.view import view_channel
from emgorder.model import FloatArray, Recording

Times = tuple[tuple[float, float], ...]


def with_snr(clean: Recording, level_dB: float) -> Recording:
    loud = (np.arange(clean.n_samples) // 2000) % 2 == 1
    noise = np.random.default_rng(1).normal(size=clean.data.shape) * 10e-6
    gain = np.where(loud, np.sqrt(1 + 10 ** (level_dB / 10)), 1.0)
    data: FloatArray = noise * gain[:, np.newaxis]
    return replace(clean, data=data)


@pytest.mark.parametrize("level_dB", [5.0, 15.0, 30.0])
def test_the_snr_is_the_power_of_emg_over_that_of_rest(
    clean: Recording, rest_s: Times, active_s: Times, level_dB: float
) -> None:
    view = view_channel(with_snr(clean, level_dB), 0, rest_s, active_s)
    assert snr_dB(view) == pytest.approx(level_dB, abs=1.5)  # of each burst the loudest block counts
    assert snr_dB(view_channel(with_snr(clean, level_dB), 0, (), ())) == pytest.approx(level_dB, abs=2.5)


@pytest.mark.parametrize(
    ("level_dB", "severity"), [(-30.0, "stop"), (-10.0, "stop"), (3.0, "attention"), (7.0, "attention"), (14.0, None)]
)
def test_noisy_channels_are_told_by_severity(
    clean: Recording, rest_s: Times, active_s: Times, level_dB: float, severity: str | None
) -> None:
    found = assess(with_snr(clean, level_dB), rest_s=rest_s, active_s=active_s)
    assert [(f.kind, f.severity) for f in found] == [("snr", severity)] * (2 if severity else 0)


def test_a_noisy_channel_is_told_in_words_with_a_remedy(clean: Recording, rest_s: Times, active_s: Times) -> None:
    _, finding = assess(with_snr(clean, 6.0), rest_s=rest_s, active_s=active_s)
    assert finding.message.startswith("hamstring noisy, bursts only ")
    assert finding.message.endswith(f"{int(finding.value)} dB above rest")
    assert "re-clean the skin" in finding.remedy


def test_one_burst_that_is_seen_is_not_denied_where_the_others_are_not(
    clean: Recording, rest_s: Times, active_s: Times
) -> None:
    recording = with_snr(clean, -30.0)
    start_s, stop_s = active_s[0]
    recording.data[int(start_s * 1000) : int(stop_s * 1000)] *= 10.0
    for finding, word in zip(assess(recording, rest_s=rest_s, active_s=active_s), ("glute", "hamstring"), strict=True):
        assert (finding.kind, finding.severity) == ("snr", "stop")
        assert finding.message == f"most {word} bursts do not stand out of the noise"


def test_tense_rests_are_counted(clean: Recording, rest_s: Times, active_s: Times) -> None:
    data = clean.data.copy()
    for start_s, stop_s in rest_s[:3]:
        data[int(start_s * 1000) : int(stop_s * 1000), 0] *= 4.0
    found = assess(replace(clean, data=data), rest_s=rest_s, active_s=active_s)
    assert [(f.kind, f.channel, f.value) for f in found] == [("baseline", "GMAX_R", 3 / 8)]
    assert found[0].message == "glute still tense in 3 of 8 rests"


def test_rest_is_not_judged_where_nobody_says_when_it_is(clean: Recording) -> None:
    data = clean.data.copy()
    data[:16_000] *= 4.0
    assert "baseline" not in {f.kind for f in assess(replace(clean, data=data))}


def test_rests_outside_the_recording_and_too_short_ones_are_passed_over(clean: Recording) -> None:
    assert assess(clean, rest_s=[(-5.0, -1.0), (3.0, 3.1), (90.0, 99.0), (np.nan, 2.0)], active_s=[(2.5, 1.0)]) == ()
