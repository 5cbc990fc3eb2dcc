"""Amplitudes that no skin gives are a wrong unit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emgorder.conditioning.quality.assess import assess
from emgorder.model import Recording


@pytest.mark.parametrize("gain", [1e3, 1e6, 2e-3])
def test_microvolts_taken_for_another_unit_are_noticed(clean: Recording, gain: float) -> None:
    found = [f for f in assess(replace(clean, data=clean.data * gain)) if f.kind == "unit"]
    assert [f.severity for f in found] == ["attention"] * len(clean.channels)
    assert "check the unit" in found[0].remedy


def test_plausible_amplitudes_and_arbitrary_units_are_left_alone(clean: Recording) -> None:
    assert not [f for f in assess(clean) if f.kind == "unit"]
    loose = replace(clean, data=clean.data * 1e6, channels=tuple(replace(c, unit="a.u.") for c in clean.channels))
    assert not [f for f in assess(loose) if f.kind == "unit"]
