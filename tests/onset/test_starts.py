"""Where smooth rises began: the start network alone and over a session, and that its weights are those measured."""

from __future__ import annotations

import hashlib
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from scipy.special import logsumexp

from emgorder.conditioning import bandpass
from emgorder.errors import RecordingError
from emgorder.model import FloatArray, StartFits
from emgorder.onset.starts import evidence_of, fit_starts, load_start_network, usual_kinds

WEIGHTS = resources.files("emgorder.onset") / "weights" / "start_network.npz"
WEIGHTS_SHA256 = "ffcc2568b7205d507e7daea6dab4a06d0e1ba2197a66148771d0c1f9a3d377f0"
ONSET_S = 1.0


def signal(
    seed: int, ramp_s: float, *, snr_dB: float = 12.0, gain: float = 1.0, stop_s: float = 2.0, rate_Hz: float = 1000.0
) -> FloatArray:
    """Return conditioned noise to which more is added from 1 s on, its amplitude growing evenly over `ramp_s`."""
    rng = np.random.default_rng(seed)
    n = int(stop_s * rate_Hz)
    over = np.clip((np.arange(n) / rate_Hz - ONSET_S) / max(ramp_s, 1e-3), 0.0, 1.0)
    values = rng.standard_normal(n) + 10.0 ** (snr_dB / 20.0) * over * rng.standard_normal(n)
    return bandpass(gain * values[:, None], rate_Hz)[:, 0]


def seen_s(ramp_s: float) -> float:
    """Return about where such a rise becomes visible."""
    return ONSET_S + 0.4 * ramp_s


def fitted(ramp_s: float, n: int = 10, **options: float) -> list[StartFits]:
    signals = [signal(seed, ramp_s, **options) for seed in range(n)]
    return fit_starts(signals, [seen_s(ramp_s)] * n, 1000.0)


def start_s(one: StartFits, kinds: FloatArray) -> float:
    """Return the median of where the rise began."""
    mass = np.exp(logsumexp(one.fit + kinds[:, None], axis=0))
    return float(np.interp(0.5, np.cumsum(mass) / mass.sum(), one.starts_s))


def test_the_weights_are_those_that_were_measured() -> None:
    stored = WEIGHTS.read_bytes()
    assert hashlib.sha256(stored).hexdigest() == WEIGHTS_SHA256
    assert len(stored) < 500_000


def test_kinds_are_probabilities_with_and_without_a_session() -> None:
    evidence = evidence_of(fitted(0.1)[0])
    for kinds in (usual_kinds(), usual_kinds(evidence), usual_kinds(40.0 * evidence)):
        assert np.exp(kinds).sum() == pytest.approx(1.0)
        assert np.isfinite(kinds).all()


@pytest.mark.parametrize("ramp_s", [0.0, 0.05, 0.1, 0.2])
def test_starts_lie_about_where_they_were(ramp_s: float) -> None:
    found = fitted(ramp_s, n=12)
    errors_s = [start_s(one, usual_kinds()) - ONSET_S for one in found]
    assert abs(np.median(errors_s)) < 0.012 + 0.08 * ramp_s


def test_the_session_places_slow_rises_better_than_each_lift_alone() -> None:
    alone, among = [], []
    for ramp_s in (0.03, 0.18):
        found = fitted(ramp_s, n=16, snr_dB=8.0)
        told = [evidence_of(one) for one in found]
        alone += [start_s(one, usual_kinds()) - ONSET_S for one in found]
        among += [start_s(one, usual_kinds(sum(told) - own)) - ONSET_S for one, own in zip(found, told, strict=True)]
    assert np.mean(np.abs(among)) < np.mean(np.abs(alone))


def test_a_burst_is_fitted_alike_alone_and_beside_others_and_at_any_gain() -> None:
    signals = [signal(0, 0.1), signal(1, 0.0, stop_s=1.3), signal(2, 0.2, snr_dB=5.0)]
    visible_s = [1.04, 1.0, 1.1]
    for one, at_s, together in zip(signals, visible_s, fit_starts(signals, visible_s, 1000.0), strict=True):
        [alone] = fit_starts([1e-6 * one], [at_s], 1000.0)
        np.testing.assert_allclose(together.starts_s, alone.starts_s)
        np.testing.assert_allclose(together.fit, alone.fit, atol=1e-2)


@pytest.mark.parametrize("rate_Hz", [200.0, 500.0, 1000.0, 1800.0, 2000.0])
def test_a_start_is_found_at_every_rate(rate_Hz: float) -> None:
    signals = [signal(seed, 0.06, snr_dB=18.0, rate_Hz=rate_Hz) for seed in range(8)]
    found = fit_starts(signals, [seen_s(0.06)] * 8, rate_Hz)
    assert np.median([start_s(one, usual_kinds()) for one in found]) == pytest.approx(ONSET_S, abs=0.02)


@pytest.mark.parametrize("visible_s", [0.0, 0.05, 1.95, 2.5])
def test_a_reference_at_the_edge_gives_numbers(visible_s: float) -> None:
    [one] = fit_starts([signal(0, 0.1)], [visible_s], 1000.0)
    assert np.isfinite(one.fit).all()
    assert np.isfinite(evidence_of(one)).all()


def test_nothing_to_fit_is_no_error() -> None:
    assert fit_starts([], [], 1000.0) == []


@pytest.mark.parametrize("names", [(), ("enter.weight",), ("enter.bias",), ("enter.weight", "enter.bias"), ("law",)])
def test_other_weights_are_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    path = tmp_path / "other.npz"
    np.savez(path, **{name: np.zeros((2, 3, 1)) for name in names})
    with pytest.raises(RecordingError, match="no weights"):
        load_start_network(path)


def test_what_one_burst_tells_has_a_limit() -> None:
    fit = np.full((24, 10), -1e6)
    fit[3] = 0.0
    told = evidence_of(StartFits(np.arange(10.0), fit))
    assert told.argmax() == 3
    assert np.ptp(told) < 13.0
