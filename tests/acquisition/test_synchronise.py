"""What two sensors' clocks are said to be, against what they truly were, through the way that recordings go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from emgorder import analyse, simulate_session
from emgorder.acquisition.streams import Piece, SensorStream
from emgorder.acquisition.synchronise import ClockedSensor, Offset, fit_sensor, offset_between
from emgorder.model import FloatArray, Sync
from emgorder.order.session import MAX_SYNC_SD_S
from emgorder.sensors.registry import sensors
from emgorder.simulate.link import Crystal, simulate_link

SECONDS, TAP_AT_S = 60.0, 4.0
HEARD = 9_000  # samples that are made: the tap test; the rest only needs its arrivals


@dataclass(frozen=True)
class Run:
    """Two sensors and their true clocks."""

    sides: tuple[ClockedSensor, ClockedSensor]
    crystals: tuple[Crystal, Crystal]

    def offset(self, marks_s: Sequence[float]) -> Offset:
        return offset_between(*self.sides, marks_s)

    def error_s(self, offset: Offset, at_s: FloatArray) -> FloatArray:
        """Return by how much the two disagree after the offset was taken out, at true times."""
        times = []
        for side, crystal in zip(self.sides, self.crystals, strict=True):
            index = (crystal.device_s(at_s) - crystal.start_s) * side.stream.descriptor.sampling_frequency
            times.append(side.fits[0].time_s(index))
        return np.asarray(times[0] - times[1] - offset.offset_s)


def run(
    seed: int, *, n_frames: int = 23, taps_s: Sequence[float] = (TAP_AT_S,), keys: tuple[str, str] = ("emgo1", "emgo1")
) -> Run:
    """Simulate 60 s: 40 ppm apart, interval 15 ms, 5 ms more latency on one link, taps that are 2 ms (sd) apart."""
    rng = np.random.default_rng([seed, n_frames, 7])
    apart = rng.normal(0, 2e-3, len(taps_s))
    sides, crystals = [], []
    for name, key, ppm, latency_s, late in (
        ("a", keys[0], 20.0, 6e-3, apart),
        ("b", keys[1], -20.0, 1e-3, 0 * apart),
    ):
        kind = sensors()[key]
        crystal = Crystal(ppm, 1.5, 400.0, rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.5))
        last = np.arange(1, int(SECONDS * kind.sampling_frequency / n_frames)) * n_frames
        ready = crystal.true_s(crystal.start_s + last / kind.sampling_frequency)
        host = simulate_link(ready, rng=rng, central_ppm=rng.uniform(-20, 20), latency_s=latency_s).host_s
        index = np.arange(HEARD)
        true_s = crystal.true_s(crystal.start_s + index / kind.sampling_frequency)
        width = 4e-3 * rng.uniform(0.7, 1.4)
        volts = rng.normal(0, 8e-6, index.size)
        for moment in np.asarray(taps_s) + late:
            since = (true_s - moment) / width
            volts += -300e-6 * rng.uniform(0.3, 1.5) * since * np.exp(-np.square(since) / 2)
        piece = Piece(0, index, volts[:, None], last, host, np.empty((0, 2)))
        stream = SensorStream(name, kind, (piece,), None, last.size, 0, 0, 0, 0, Counter())
        sides.append(fit_sensor(stream))
        crystals.append(crystal)
    return Run((sides[0], sides[1]), (crystals[0], crystals[1]))


@pytest.mark.parametrize("n_frames", [20, 23])
def test_after_one_tap_the_stated_interval_of_a_recording_holds_the_skew_error(n_frames: int) -> None:
    """40 of the 200 sessions of benchmarks/clock.py: fewer than 35 within would be 1 in 200 by chance."""
    moments = np.linspace(6, SECONDS - 1, 7)
    within = []
    for seed in range(40):
        one = run(seed, n_frames=n_frames)
        offset = one.offset([TAP_AT_S + 0.3])
        assert offset.method == "tap"
        assert 1.96 * offset.sd_s < 6e-3  # wide is not honest
        within.append(np.abs(one.error_s(offset, moments)) <= 1.96 * offset.sd_s)
    assert np.mean(within) >= 35 / 40


def test_a_measured_latency_is_taken_out_whole_even_by_one_tap_marked_late() -> None:
    for late_s in (0.0, 0.8, 2.5):
        offset = run(3).offset([TAP_AT_S + late_s])
        assert offset.method == "tap"
        assert offset.offset_s == pytest.approx(5e-3, abs=3 * offset.sd_s)
        assert offset.note == ""


def test_five_taps_with_a_stray_mark_and_a_lost_packet_are_a_tap_test_of_four() -> None:
    taps_s = (2.0, 3.0, 4.0, 5.0, 6.0)
    whole = run(5, taps_s=taps_s)
    a, b = whole.sides
    piece = b.stream.pieces[0]
    lost = np.abs(b.fits[0].time_s(piece.index) - 4.0) < 0.0115
    thinned = replace(piece, index=piece.index[~lost], values=piece.values[~lost])
    holed = replace(b, stream=replace(b.stream, pieces=(thinned,)))
    offset = offset_between(a, holed, [*taps_s, 30.0])
    assert offset.method == "tap"
    assert offset.sd_s < run(5).offset([TAP_AT_S]).sd_s
    assert abs(offset.offset_s - whole.offset(taps_s).offset_s) < 2e-3
    assert "2 taps could not be used" in offset.note


def test_a_tap_test_that_cannot_be_used_says_so_and_why() -> None:
    offset = run(1, taps_s=()).offset([TAP_AT_S])
    assert offset.method == "none"
    assert "the tap test could not be used: no tap stands out" in offset.note
    offset = run(1).offset([SECONDS + 40.0])  # nothing was sent then
    assert offset.method == "none"
    assert "the tap test could not be used: a sensor sent nothing" in offset.note


def test_what_nothing_has_measured_is_called_a_supposition_with_its_remedy() -> None:
    offset = run(1).offset([])
    assert offset.method == "none"
    assert "nothing has measured it: tap both sensors together" in offset.note


def test_different_models_are_beyond_any_verdict_until_they_are_tapped() -> None:
    mixed = run(2, keys=("emgo1", "shimmer3r"))
    untapped = mixed.offset([])
    assert untapped.sd_s > MAX_SYNC_SD_S
    assert "different models" in untapped.note
    assert "tap both sensors together" in untapped.note
    assert mixed.offset([TAP_AT_S]).sd_s < 3e-3


def test_a_session_of_different_models_has_no_verdict_and_says_what_to_do() -> None:
    untapped = run(2, keys=("emgo1", "shimmer3r")).offset([])
    session = simulate_session(seed=3, n_lifts=5, mean_difference_s=0.2)
    (side,) = analyse(replace(session, clock=Sync(untapped.method, 0.0, untapped.sd_s))).sides
    assert not side.possible
    assert "tap both sensors together" in side.reason
