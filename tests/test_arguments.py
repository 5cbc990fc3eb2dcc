"""Arguments of the wrong kind end in an error of the package that says what, and what to give instead."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import emgorder as eo

SESSION = eo.simulate_session(seed=1, n_lifts=5)
RESULT = eo.analyse(SESSION)
ONSET = RESULT.lift_results[0].muscles[0].onset
LABELS = {"person": "heron-12"}


@pytest.mark.parametrize(
    ("key", "call"),
    [
        ("recording", lambda: eo.analyse("session.csv")),  # type: ignore[arg-type]
        ("recording", lambda: eo.analyse(SESSION.data)),  # type: ignore[arg-type]
        ("recording", lambda: eo.compare_methods(RESULT, ["hmm"])),  # type: ignore[arg-type]
        ("recording", lambda: eo.write_recording(RESULT, "never.csv")),  # type: ignore[arg-type]
        ("settings", lambda: eo.analyse(SESSION, {"rope_s": 0.02})),  # type: ignore[arg-type]
        ("settings", lambda: eo.analyse(SESSION, {})),  # type: ignore[arg-type]
        ("settings", lambda: eo.analyse_many(["a.csv"], settings={"rope_s": 0.02})),  # type: ignore[arg-type]
        ("mvc", lambda: eo.analyse(SESSION, mvc=SESSION)),  # type: ignore[arg-type]
        ("mvc", lambda: eo.analyse(SESSION, mvc=["glute_mvc.csv"])),  # type: ignore[list-item]
        ("paths", lambda: eo.analyse_many(None)),  # type: ignore[arg-type]
        ("first", lambda: eo.compare_sessions(SESSION, RESULT)),  # type: ignore[arg-type]
        ("second", lambda: eo.compare_sessions(RESULT, None)),  # type: ignore[arg-type]
        ("method", lambda: eo.detect_onset(np.ones(500), 1000.0, method=["hmm"])),  # type: ignore[arg-type]
        ("glute", lambda: eo.compare_onsets(1.2, ONSET)),  # type: ignore[arg-type]
        ("rope_s", lambda: eo.compare_onsets(ONSET, ONSET, rope_s="30")),  # type: ignore[arg-type]
        ("sessions", lambda: eo.lift_frame(RESULT)),  # type: ignore[arg-type]
        ("sessions", lambda: eo.side_frame([None], [LABELS])),  # type: ignore[list-item]
        ("labels", lambda: eo.side_frame([RESULT], ["heron-12"])),  # type: ignore[list-item]
        ("labels", lambda: eo.side_frame([RESULT], LABELS)),  # type: ignore[arg-type]
        ("labels", lambda: eo.side_frame([RESULT], [{"person": ["heron-12"]}])),
        ("frame", lambda: eo.reliability([1, 2])),  # type: ignore[arg-type]
        ("n_lifts", lambda: eo.simulate_session(seed=1, n_lifts=2.5)),  # type: ignore[arg-type]
        ("n_lifts", lambda: eo.simulate_session(seed=1, n_lifts="5")),  # type: ignore[arg-type]
        ("lifts", lambda: eo.compare_muscles(RESULT)),  # type: ignore[arg-type]
        ("rope_s", lambda: eo.compare_muscles(RESULT.lift_results, rope_s="30")),  # type: ignore[arg-type]
        ("baseline", lambda: eo.detect_onset(np.ones(500), 1000.0, baseline=3)),  # type: ignore[arg-type]
        ("lifts", lambda: eo.with_onsets(SESSION, RESULT)),  # type: ignore[arg-type]
        ("result", lambda: SESSION.to_neurokit("result.json")),
        ("cued", lambda: eo.Beside(cued=SESSION)),  # type: ignore[arg-type]
        ("exercises", lambda: eo.Beside(exercises="Bridge")),  # type: ignore[arg-type]
        ("beside", lambda: RESULT.to_html("never.html", "Bridge")),  # type: ignore[arg-type]
        ("beside", lambda: RESULT.to_json("never.json", {})),  # type: ignore[arg-type]
        ("muscles", lambda: eo.read_recording("a.csv", muscles="GMAX")),  # type: ignore[arg-type]
        ("muscles", lambda: eo.read_recording("a.csv", muscles={"GMAX": ["ch1"]})),  # type: ignore[dict-item]
        ("unit", lambda: eo.read_recording("a.csv", unit=3)),  # type: ignore[arg-type]
        ("name", lambda: eo.load_dataset(["uci_lower_limb"])),  # type: ignore[arg-type]
    ],
)
def test_an_argument_of_another_kind_is_refused_by_its_name(key: str, call: Callable[[], Any]) -> None:
    with pytest.raises(eo.SettingsError) as caught:
        call()
    assert caught.value.key == key


@pytest.mark.parametrize("call", [eo.read_recording, eo.bids_files, eo.read_batch], ids=lambda f: f.__name__)
def test_a_name_longer_than_the_system_allows_is_an_error_of_the_package(call: Callable[[str], Any]) -> None:
    with pytest.raises(eo.RecordingError):
        call("x" * 5000 + ".csv")


def test_numbers_of_numpy_are_settings_like_any_others() -> None:
    told = eo.Settings(rope_s=np.float32(0.5), highpass_Hz=np.int64(30), notch=np.int64(50), min_rest_s=np.float32(1))  # type: ignore[arg-type]
    assert told == eo.Settings(rope_s=0.5, highpass_Hz=30, notch=50, min_rest_s=1.0)
    assert type(told.rope_s) is float


def test_masked_samples_are_lost_ones() -> None:
    rng = np.random.default_rng(1)
    emg = rng.normal(size=2000) * np.where(np.arange(2000) < 1000, 1, 10)
    masked = np.ma.masked_where((np.arange(2000) > 940) & (np.arange(2000) < 1060), emg)
    assert eo.detect_onset(emg, 1000).found
    assert not eo.detect_onset(masked, 1000).found


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize(("read", "name"), [(eo.read_recording, "session.csv"), (eo.read_result, "result.json")])
def test_a_pipe_is_refused_instead_of_waited_for(read: Callable[[Path], Any], name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(eo.RecordingError, match="is a pipe or a device"):
        read(tmp_path / name)
