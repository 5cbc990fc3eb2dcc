"""Signals that run into a limit, and signals that only come near."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emgorder.conditioning.quality.assess import assess
from emgorder.conditioning.quality.rails import clipped_samples
from emgorder.model import Channel, FloatArray, Recording


def bursts(scale: float) -> FloatArray:
    loud = (np.arange(20_000) // 2000) % 2 == 1
    noise: FloatArray = np.random.default_rng(3).normal(size=20_000) * np.where(loud, scale, scale / 20)
    return noise


@pytest.mark.parametrize(("low", "high", "name"), [(-128, 127, "8-bit"), (-32768, 32767, "16-bit")])
def test_converter_rails_are_found_and_named(low: int, high: int, name: str) -> None:
    counts = np.clip(np.round(bursts(0.5 * high)), low, high)
    recording = Recording(counts[:, np.newaxis], 1000.0, (Channel("BF_R", "BF", "R", unit="a.u."),))
    (finding,) = assess(recording)
    assert (finding.kind, finding.severity) == ("clipping", "attention")
    assert finding.value == pytest.approx(np.mean((counts == low) | (counts == high)), rel=0.02)
    assert f"limit of the {name} converter" in finding.message


@pytest.mark.parametrize("sides", [(-2.0, 9.0), (-9.0, 2.0), (-2.0, 2.0)])
def test_flat_tops_are_counted_on_each_side(sides: tuple[float, float]) -> None:
    whole = bursts(1.0)
    expected = int(np.sum((whole <= sides[0]) | (whole >= sides[1])))
    assert clipped_samples(np.clip(whole, *sides)) == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("step", [0.0, 1 / 4, 1 / 20, 1 / 1000])
def test_a_signal_within_its_range_is_not_clipped_however_coarse(step: float) -> None:
    whole = bursts(1.0)
    assert clipped_samples(np.round(whole / step) * step if step else whole) == 0


def test_too_few_samples_say_nothing() -> None:
    assert clipped_samples(np.array([1.0, 1.0, 0.0])) == 0
    assert clipped_samples(np.ones(100)) == 0


def test_a_few_clipped_samples_are_only_worth_knowing(clean: Recording) -> None:
    data = clean.data.copy()
    limit = np.sort(data[:, 0])[-10]
    data[:, 0] = np.minimum(data[:, 0], limit)
    assert [(f.kind, f.severity) for f in assess(replace(clean, data=data))] == [("clipping", "info")]
