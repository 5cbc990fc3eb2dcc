"""The sessions in datasets/ are those that their script makes, and their table is current."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emgorder.io import read_recording
from tests.rigs.script import load_script

FOLDER = Path(__file__).resolve().parents[1] / "datasets"
MAX_BYTES = 8_000_000
SAMPLE_STEP_UV = 0.1  # one unit of the last written digit
TRUTH_STEP_S = 1e-6


SCRIPT = load_script(FOLDER / "make_datasets.py")
NAMES = [dataset.name for dataset in SCRIPT.DATASETS]


@pytest.fixture(scope="module")
def remade(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("datasets")
    SCRIPT.main(folder)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_samples_are_current(name, remade):
    old, new = (pd.read_csv(folder / f"{name}.csv") for folder in (FOLDER, remade))
    assert list(old) == list(new)
    assert len(old) == len(new)
    np.testing.assert_array_equal(old["time_s"], new["time_s"])
    assert old["event"].fillna("").tolist() == new["event"].fillna("").tolist()
    for column in [c for c in old if c.endswith("_uV")]:
        np.testing.assert_array_equal(old[column].isna(), new[column].isna())
        assert np.nanmax(np.abs(old[column] - new[column])) <= SAMPLE_STEP_UV * 1.001


@pytest.mark.parametrize("name", NAMES)
def test_truth_is_current(name, remade):
    old, new = (pd.read_csv(folder / f"{name}_truth.csv") for folder in (FOLDER, remade))
    pd.testing.assert_frame_equal(old, new, rtol=0, atol=1.001 * TRUTH_STEP_S)


@pytest.mark.parametrize("name", NAMES)
def test_sidecar_is_current_and_keeps_the_truth_to_itself(name, remade):
    old, new = (json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for folder in (FOLDER, remade))
    for content in (old, new):
        content["Events"] = [(e["trial_type"], round(e["onset"], 6), e["duration"]) for e in content["Events"]]
    assert old == new
    assert "Truth" not in old


def test_the_folder_holds_these_sessions_and_no_others():
    wanted = {f"{name}{ending}" for name in NAMES for ending in (".csv", ".json", "_truth.csv")}
    assert {p.name for p in FOLDER.iterdir() if p.is_file()} == wanted | {"README.md", "make_datasets.py"}
    assert sum(p.stat().st_size for p in FOLDER.iterdir() if p.is_file()) < MAX_BYTES


def test_the_table_in_the_readme_is_current():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert SCRIPT.with_table(text) == text
    assert all(f"[`{name}`]" in text for name in NAMES)


@pytest.mark.parametrize("dataset", SCRIPT.DATASETS, ids=NAMES)
def test_the_truth_has_the_sign_that_the_expected_verdict_names(dataset):
    truth = pd.read_csv(FOLDER / f"{dataset.name}_truth.csv")
    means_ms = 1e3 * truth.groupby("side")["difference_s"].mean()
    for part in dataset.expected.split("; "):
        side, verdict = part.split(": ")
        if verdict == "glute first":
            assert means_ms[side] < -30
        elif verdict == "hamstring first":
            assert means_ms[side] > 30
        elif verdict == "together":
            assert abs(means_ms[side]) < 10
        else:
            assert verdict == "cannot tell"
            assert truth["snr_dB"].mean() < 3


def test_one_lift_of_the_lossy_session_has_a_gap_around_the_onset_and_most_have_none():
    truth = pd.read_csv(FOLDER / "packet_loss_truth.csv")
    lost = truth.groupby("lift")["lost_near_onset"].any()
    assert lost.any()
    assert (~lost).sum() >= 6


@pytest.mark.parametrize("name", NAMES)
def test_every_session_is_read_as_it_was_made(name):
    recording = read_recording(FOLDER / f"{name}.csv")
    made = SCRIPT.DATASETS[NAMES.index(name)].options
    truth = pd.read_csv(FOLDER / f"{name}_truth.csv")
    assert recording.sampling_frequency == made.get("sampling_frequency", 1000.0)
    assert {(c.target_muscle, c.side) for c in recording.channels} == set(
        zip(truth["target_muscle"], truth["side"], strict=True)
    )
    assert recording.clock.sd_s == (made["sensors"].sd_s if "sensors" in made else 0.0)
    cues_s = recording.events.loc[recording.events["trial_type"].str.startswith("cue/"), "onset"]
    np.testing.assert_allclose(np.sort(cues_s), np.unique(truth["cue_s"]), atol=0.003)
