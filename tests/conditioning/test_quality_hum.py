"""Mains hum against rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emgorder.conditioning.quality.assess import assess
from emgorder.model import Recording


def with_hum(clean: Recording, frequency_Hz: float, rms: float) -> Recording:
    wave = rms * np.sqrt(2.0) * np.sin(2 * np.pi * frequency_Hz * np.arange(clean.n_samples) / 1000.0)
    return replace(clean, data=clean.data + wave[:, np.newaxis])


@pytest.mark.parametrize("frequency_Hz", [50.0, 60.0])
@pytest.mark.parametrize(("ratio", "severity"), [(0.7, "info"), (3.0, "attention")])
def test_hum_is_told_with_its_frequency_and_size(
    clean: Recording, frequency_Hz: float, ratio: float, severity: str
) -> None:
    found = assess(with_hum(clean, frequency_Hz, ratio * 5e-6))
    assert [(f.kind, f.severity) for f in found] == [("mains", severity)] * 2
    assert found[0].message.startswith(f"{frequency_Hz:.0f} Hz hum in glute, ")
    assert found[0].value == pytest.approx(ratio, rel=0.25)


def test_hum_does_not_make_a_channel_noisy(clean: Recording) -> None:
    assert {f.kind for f in assess(with_hum(clean, 50.0, 60e-6))} == {"mains"}


def test_hum_is_not_compared_with_a_rest_that_is_too_short_to_know(clean: Recording) -> None:
    hummed = with_hum(clean, 50.0, 60e-6)
    assert "mains" not in {f.kind for f in assess(replace(hummed, data=hummed.data[:1500]))}


def test_weak_hum_is_no_finding(clean: Recording) -> None:
    assert assess(with_hum(clean, 50.0, 1.5e-6)) == ()
