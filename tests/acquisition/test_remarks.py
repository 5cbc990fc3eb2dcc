"""What is said of sensors after a recording: faults in words, and no verdict where a sensor cannot carry one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emgorder import analyse, read_recording, write_recording
from emgorder.acquisition.recorder import delivered
from emgorder.acquisition.simulated_kinds import simulate_sensor
from emgorder.acquisition.simulated_sensor import LinkFaults
from emgorder.acquisition.simulated_session import ORDINARY_LINK, emgo1_board, simulated_session
from emgorder.acquisition.transport import LinkEvent
from emgorder.io.journal import iter_journal
from emgorder.model import FloatArray
from emgorder.simulate.packets import PROFILES
from emgorder.simulate.packets.emgo1 import encode_status
from tests.acquisition.simulating import record


def silence(time_s: FloatArray) -> FloatArray:
    return np.zeros((len(time_s), 2))


def test_a_test_signal_has_no_verdict_and_is_said_also_from_its_csv(tmp_path: Path) -> None:
    session = simulated_session(seed=5, n_lifts=4)
    (board,) = session.sensors
    path = tmp_path / "tested.emgj"
    record(
        path,
        [replace(board, status=lambda index: encode_status(test_signal=3000 < index < 6000))],
        duration_s=session.truth.duration_s,
        labels=session.labels,
        marks=session.truth,
    )
    recording = read_recording(path)
    assert any("sent its test signal" in note for note in recording.notes)
    csv, _ = write_recording(recording, tmp_path / "tested.csv")
    for each in (recording, read_recording(csv)):
        (side,) = analyse(each).sides
        assert not side.possible
        assert "square wave" in side.reason
        assert "record again" in side.reason


@pytest.mark.parametrize("labels", [("BF_R", "GMAX_R"), ("other", "thing")])
def test_a_test_signal_only_costs_the_verdict_of_muscles_that_are_compared(
    tmp_path: Path, labels: tuple[str, str]
) -> None:
    path = tmp_path / "tested.emgj"
    board = replace(emgo1_board("a", silence), status=lambda index: encode_status(test_signal=True))
    record(path, [board], duration_s=5.0, labels={"a": labels})
    assert read_recording(path).clock.known == (labels[0] == "other")


def test_a_test_signal_is_said_while_it_is_recorded_once_each_time_it_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "tested.emgj"
    on = {2, 3, 6, 7, 8}
    board = replace(emgo1_board("a", silence), status=lambda index: encode_status(test_signal=index // 1000 in on))
    record(path, [board], duration_s=12.0)
    said = [delivered(item) for item in iter_journal(path)]
    notes = [item for item in said if isinstance(item, LinkEvent) and item.kind == "note"]
    assert [("test signal is on" in note.detail, note.sensor) for note in notes] == [(True, "a")] * 2


@pytest.mark.parametrize("key", ["emgo1", "npg_lite", "bitalino"])
def test_what_is_missing_where_a_sensor_counted_anew_is_counted_and_said(key: str, tmp_path: Path) -> None:
    path = tmp_path / "anew.emgj"
    faults = replace(ORDINARY_LINK, cuts=((4.0, 3.0),), restarts=True)
    width = PROFILES[key].n_channels
    record(path, [simulate_sensor(key, "a", lambda t: np.zeros((len(t), width)), faults=faults)], duration_s=12.0)
    recording = read_recording(path)
    missing = int(np.isnan(recording.data[:, 0]).sum())
    (sensor,) = recording.meta["Sensors"]
    assert missing > 2.9 * recording.sampling_frequency
    assert sensor["lost_samples"] == pytest.approx(missing, abs=3)
    (note,) = [note for note in recording.notes if "counted anew" in note]
    assert f"about {sensor['lost_samples']} samples" in note


def test_a_link_that_was_lost_for_good_is_said_with_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "gone.emgj"
    gone = emgo1_board("gone", silence, faults=replace(ORDINARY_LINK, cuts=((4.0, 1e6),)))
    record(path, [gone, emgo1_board("there", silence)], duration_s=20.0)
    notes = [note for note in read_recording(path).notes if "did not come back" in note]
    assert notes == ["the link of gone was lost and did not come back: its last 16 s are missing"]


def test_a_single_sensor_whose_link_was_lost_for_good_is_said_too(tmp_path: Path) -> None:
    path = tmp_path / "gone.emgj"
    faults = replace(ORDINARY_LINK, cuts=((2.0, 1.0), (8.0, 1e6)))
    record(path, [emgo1_board("gone", silence, faults=faults)], duration_s=20.0)
    assert "the link of gone was lost and did not come back" in read_recording(path).notes


def test_a_link_that_came_back_or_was_closed_is_no_lost_one(tmp_path: Path) -> None:
    path = tmp_path / "back.emgj"
    record(path, [emgo1_board("a", silence, faults=LinkFaults(cuts=((2.0, 1.0),)))], duration_s=8.0)
    assert not any("did not come back" in note for note in read_recording(path).notes)


@pytest.mark.parametrize("drift_ppm", [0.0, 2000.0])
def test_two_clocks_one_of_which_does_not_keep_its_rate_have_no_verdict(tmp_path: Path, drift_ppm: float) -> None:
    """Its clock is fitted within the tolerance, so that the stated uncertainty knows nothing of the rest."""
    path = tmp_path / "odd.emgj"
    odd = emgo1_board("odd", silence, faults=replace(ORDINARY_LINK, drift_ppm=drift_ppm))
    other = emgo1_board("other", silence, faults=ORDINARY_LINK)
    record(path, [odd, other], duration_s=30.0, labels={"odd": ("GMAX_R", "x"), "other": ("BF_R", "y")})
    recording = read_recording(path)
    assert recording.clock.known == (not drift_ppm)
    assert ("cannot be aligned" in str(recording.meta.get("NoOrderVerdict"))) == bool(drift_ppm)


def test_one_clock_that_does_not_keep_its_rate_still_tells_an_order(tmp_path: Path) -> None:
    path = tmp_path / "odd.emgj"
    odd = emgo1_board("odd", silence, faults=replace(ORDINARY_LINK, drift_ppm=2000.0))
    other = emgo1_board("other", silence, faults=ORDINARY_LINK)
    record(path, [odd, other], duration_s=30.0, labels={"odd": ("GMAX_R", "BF_R"), "other": ("x", "y")})
    recording = read_recording(path)
    assert recording.clock.known
    assert any("cannot be aligned" in note for note in recording.notes)
