"""Live rows of several sensors, against the recording that the same journal becomes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emgorder import SettingsError
from emgorder.acquisition.live_align import LiveAligner
from emgorder.acquisition.placing import place_several
from emgorder.acquisition.recorder import delivered
from emgorder.acquisition.simulated_session import ORDINARY_LINK, emgo1_board
from emgorder.acquisition.stream_reading import read_streams
from emgorder.acquisition.synchronise import Offset, fit_sensor
from emgorder.acquisition.transport import LinkEvent, Packet, SensorInfo
from emgorder.clock import Aligned, lag
from emgorder.clock.resample import interpolate
from emgorder.io.journal import read_journal
from emgorder.model import FloatArray
from tests.acquisition.simulating import record

CHOSEN = [SensorInfo(name, f"EMGO {name}", "emgo1") for name in ("a", "b")]
OFFSETS_S = {"b": -0.005}
CUT_S = (22.0, 3.0)


def noise(time_s: FloatArray) -> FloatArray:
    """Return some 100 µV that repeat after 7 s only."""
    rng = np.random.default_rng(3)
    tones = zip(rng.uniform(20, 300, 40), rng.uniform(0, 2 * np.pi, 40), strict=True)
    return np.asarray(2e-5 * sum(np.sin(2 * np.pi * f * time_s + p) for f, p in tones))[:, None]


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return 40 s of two boards 40 ppm and 5 ms apart, of which the second is cut off for 3 s."""
    path = tmp_path_factory.mktemp("live") / "two.emgj"
    links = (
        replace(ORDINARY_LINK, drift_ppm=20.0, latency_s=0.009),
        replace(ORDINARY_LINK, drift_ppm=-20.0, cuts=(CUT_S,)),
    )
    boards = [emgo1_board(s.id, noise, n_channels=1, faults=f) for s, f in zip(CHOSEN, links, strict=True)]
    record(path, boards, duration_s=40.0, labels={"a": ("GMAX_R",), "b": ("BF_R",)})
    return path


def live_rows(path: Path) -> list[Aligned]:
    aligner = LiveAligner(CHOSEN, offsets_s=OFFSETS_S)
    items = (delivered(record) for record in read_journal(path).records)
    blocks = (aligner.take(item) for item in items if isinstance(item, Packet | LinkEvent))
    return [block for block in blocks if block is not None]


def test_live_rows_are_those_of_the_recording_within_four_milliseconds_at_first_and_one_later(journal: Path) -> None:
    blocks = live_rows(journal)
    live, rate = np.concatenate([block.data for block in blocks]), blocks[0].sampling_frequency
    streams = read_streams(read_journal(journal).records, {"a": "emgo1", "b": "emgo1"})
    offsets = [Offset("tap", OFFSETS_S.get(s.sensor, 0.0), 0.0) for s in streams]
    final, final_rate, start_s = place_several([fit_sensor(s) for s in streams], offsets)
    assert rate == final_rate
    place = (blocks[0].start_s - start_s) * rate + np.arange(len(live))
    again = np.column_stack([interpolate(column, place) for column in final.T])
    both = np.isfinite(live) & np.isfinite(again)
    assert both[:, 0].mean() > 0.98
    assert both[:, 1].mean() > 0.75  # it was cut off, and its clock began anew
    late = []
    for start in range(0, len(live) - 500, 500):
        piece = slice(start, start + 500)
        if both[piece].all():
            pair = [lag(live[piece, c], again[piece, c], rate, most_s=0.02) for c in range(2)]
            late.append((start / rate, *(found[0] for found in pair), min(found[1] for found in pair)))
    at_s, a, b, alike = np.array(late).T
    assert np.mean(alike > 0.98) > 0.85  # the others hold a step of a young clock
    assert max(np.abs(a).max(), np.abs(b).max(), np.abs(a - b).max()) < 4e-3
    settled = ((at_s > 10) & (at_s < CUT_S[0] - 2)) | (at_s > 36)
    assert settled.sum() > 20
    assert max(np.abs(a[settled]).max(), np.abs(b[settled]).max(), np.abs(a - b)[settled].max()) < 1e-3


def test_blocks_follow_each_other_without_a_hole_and_a_silent_sensor_holds_nothing_up(journal: Path) -> None:
    blocks = live_rows(journal)
    n_rows = 0
    for block in blocks:
        assert block.start_s == pytest.approx(blocks[0].start_s + n_rows / block.sampling_frequency, abs=1e-9)
        n_rows += len(block.data)
    assert n_rows > 35_000
    silent = np.isnan(np.concatenate([block.data for block in blocks])[:, 1])
    assert silent.sum() / 1000 == pytest.approx(CUT_S[1] + 3.0, abs=2.0)  # and its clock is found anew


def test_what_cannot_be_aligned_is_refused() -> None:
    with pytest.raises(SettingsError, match="sensors"):
        LiveAligner([])
    with pytest.raises(SettingsError, match="wait_s"):
        LiveAligner(CHOSEN, wait_s=0.0)
    assert LiveAligner(CHOSEN).take(Packet("c", 0.0, b"")) is None
