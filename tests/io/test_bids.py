"""BIDS-EMG datasets: the validator finds no error in them, and what went in comes out."""

from __future__ import annotations

import importlib.util
import json
import multiprocessing
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from emgorder import bids_files, read_bids, write_bids
from emgorder.errors import EmgOrderWarning, RecordingError
from emgorder.io import read_recording
from emgorder.model import Channel, Recording, Sync
from tests.conftest import lacking
from tests.io.edf_files import EdfFile, Signal, ramp

DATASETS = Path(__file__).resolve().parents[2] / "datasets"

HOSTILE_PEOPLE = [
    "heron-12",
    "heron 12",
    "HERON12",
    "../../etc/passwd",
    "😀",
    "😀😀",
    "=cmd()",
    "a\tb",
    "a\nb",
    "a\\tb",
    "n" * 5000,
    "sub-01",
    "CON",
]
HOSTILE_META: dict[str, Any] = {
    "PowerLineFrequency": "fifty",
    "SoftwareFilters": "band-pass",
    "HardwareFilters": {"BandPass": 20},
    "EMGPlacementScheme": 7,
    "EMGReference": None,
    "Instructions": ["a", "b"],
    "InterelectrodeDistance": -1,
    "RecordingType": "all of it",
    "EchoTime": "soon",
    "TaskName": "<b>lift</b>\t=cmd()",
    "Manufacturer": "",
    "pain": 3,
    "emgorder": {"own": 1},
    "Channels": {"GMAX_R": {"hamstring head": "long", "placement": "=SENIAM", "sensor": "a\tb"}},
}


def validated(root: Path) -> Counter[tuple[str, str]]:
    """Return severity and code of what the BIDS validator finds, with their numbers; fail on errors."""
    if importlib.util.find_spec("bids_validator_deno") is None or importlib.util.find_spec("deno") is None:
        lacking("the BIDS validator (bids-validator-deno)")
    program = Path(sys.executable).with_name("bids-validator-deno")
    done = subprocess.run([program, root, "--format", "json", "--max-rows", "-1"], capture_output=True, check=False)
    found = json.loads(done.stdout)["issues"]["issues"]
    errors = [issue for issue in found if issue["severity"] == "error"]
    assert errors == []
    assert done.returncode == 0, done.stderr.decode()
    return Counter((issue["code"], issue.get("subCode", "")) for issue in found)


def made(n: int = 2500, rate_Hz: float = 1000.0, seed: int = 0, **fields: Any) -> Recording:
    data = np.random.default_rng(seed).normal(0, 1e-4, (n, 2))
    return Recording(data, rate_Hz, (Channel("GMAX_R", "GMAX", "R"), Channel("BF_R", "BF", "R")), **fields)


def read_silently(path: Path) -> Recording:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmgOrderWarning)
        return read_recording(path)


def files_of(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a dataset of simulated sessions under `datasets/`, two visits of one person among them."""
    root = tmp_path_factory.mktemp("bids") / "study"
    for name in ("clean_glute_first", "clean_hamstring_first", "packet_loss", "two_sensors", "rate_200Hz", "two_sides"):
        person = "otter-7" if name.startswith("clean") else name
        recording = read_silently(DATASETS / f"{name}.csv")
        write_bids(recording, root, subject=person, description={"Authors": ["A", "B"], "License": "CC0"})
    return root


def test_the_validator_finds_no_error_in_the_simulated_sessions(simulated: Path) -> None:
    assert validated(simulated).keys() <= {  # what nobody has said: devices, places, grants
        *(("SIDECAR_KEY_RECOMMENDED", key) for key in ("SoftwareVersions", "DeviceSerialNumber", "TaskDescription")),
        *(("SIDECAR_KEY_RECOMMENDED", key) for key in ("ElectrodeManufacturer", "ElectrodeManufacturersModelName")),
        *(("SIDECAR_KEY_RECOMMENDED", key) for key in ("InstitutionName", "InstitutionAddress")),
        ("SIDECAR_KEY_RECOMMENDED", "InstitutionalDepartmentName"),
        ("SIDECAR_KEY_RECOMMENDED", "StimulusPresentation"),
        ("JSON_KEY_RECOMMENDED", "HEDVersion"),
        ("JSON_KEY_RECOMMENDED", "SourceDatasets"),
    }


def test_what_went_in_comes_out(simulated: Path) -> None:
    recordings = list(read_bids(simulated))
    assert len(recordings) == len(bids_files(simulated)) == 6
    by_name = {recording.meta["pseudonym"]: recording for recording in recordings}
    for person in ("packet_loss", "two_sensors", "rate_200Hz", "two_sides"):
        was, now = read_silently(DATASETS / f"{person}.csv"), by_name[person]
        np.testing.assert_array_equal(now.data, was.data)
        pd.testing.assert_frame_equal(now.events, was.events)
        assert (now.sampling_frequency, now.channels, now.clock) == (was.sampling_frequency, was.channels, was.clock)
        assert now.meta == {**was.meta, "pseudonym": person}
    visits = bids_files(simulated, subject="otter7")
    assert [path.parent.parent.name for path in visits] == ["ses-01", "ses-02"]
    assert bids_files(simulated, subject="sub-otter7", session="02", task="task-proneleglift") == visits[1:]


def test_hostile_names_and_values_neither_break_the_dataset_nor_get_lost(tmp_path: Path) -> None:
    root = tmp_path / "study"
    events = pd.DataFrame(
        {
            "onset": [2.0, -0.5, 0.25, 1e300],
            "duration": [-1.0, np.nan, 0.5, 0.0],
            "trial_type": ["=cmd()", "a\tb\nc", "", "lift/R"],
            "description": ["x\ty", None, "n/a", "µ"],
            "stim_file": ["none.png"] * 4,
            "Bad Column\t": [1, 2, 3, 4],
        }
    )
    written: dict[str, Path] = {}
    for number, person in enumerate(HOSTILE_PEOPLE):
        recording = made(events=events, meta={**HOSTILE_META, "pseudonym": person}, seed=number)
        written[person] = write_bids(recording, root)
    assert len({path.parts[-4].casefold() for path in written.values()}) == len(HOSTILE_PEOPLE)
    labels = ["=cmd()", "a\tb", "<script>", "../x", "", "GMAX_R"]
    data = np.random.default_rng(1).normal(0, 1e-4, (777, 6))
    data[100:140, 2] = np.nan
    channels = [Channel(label, "", "", "a.u.", "envelope", 0.01, 50.0, "au") for label in labels]
    odd = Recording(data, 1259.259259, tuple(channels), clock=Sync("tap test", 0.01, 0.004))
    written["odd"] = write_bids(odd, root, subject="odd", session="../visit \t1", task="=walk()")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["study"]
    validated(root)

    for person in HOSTILE_PEOPLE:
        again = read_silently(written[person])
        assert again.meta == {**HOSTILE_META, "pseudonym": person}
        assert again.events["trial_type"].tolist() == events["trial_type"].tolist()
        assert again.events["Bad Column\t"].tolist() == [1, 2, 3, 4]
    again = read_silently(written["odd"])
    np.testing.assert_array_equal(np.isnan(again.data), np.isnan(data))
    assert (again.sampling_frequency, again.clock) == (odd.sampling_frequency, odd.clock)
    assert [c.delay_s for c in again.channels] == [0.01] * 6


def test_a_person_keeps_one_label_and_visits_follow_the_days(tmp_path: Path) -> None:
    def added(day: str, **options: Any) -> str:
        meta = {"pseudonym": "heron-12", "RecordingStarted": f"2026-03-{day}T10:00:00+00:00"}
        path = write_bids(made(meta=meta, seed=len(bids_files(tmp_path))), tmp_path, **options)
        return path.name.removeprefix("sub-heron12_").removesuffix("_emg.bdf")

    assert added("09") == "ses-01_task-unspecified_run-01"
    assert added("09") == "ses-01_task-unspecified_run-02"
    assert added("16") == "ses-02_task-unspecified_run-01"
    assert added("16", session="after") == "ses-after_task-unspecified_run-01"
    assert added("23", session="after", task="walk") == "ses-after_task-walk_run-01"
    assert (tmp_path / "participants.tsv").read_text().splitlines()[1:] == ["sub-heron12\theron-12"]
    scans = (tmp_path / "sub-heron12" / "ses-01" / "sub-heron12_ses-01_scans.tsv").read_text().splitlines()
    assert scans[0] == "filename\tacq_time"
    assert [line.split("\t")[1] for line in scans[1:]] == ["2026-03-09T10:00:00"] * 2


def test_the_same_recording_is_added_once(tmp_path: Path) -> None:
    first = write_bids(made(), tmp_path, subject="a")
    before = files_of(tmp_path)
    assert write_bids(made(), tmp_path, subject="a") == first
    assert files_of(tmp_path) == before
    assert write_bids(made(), tmp_path, subject="b") != first


def test_dates_and_names_can_be_left_out_everywhere(tmp_path: Path) -> None:
    note = "Jane Doe.csv, row 2, column x: a lost sample"
    meta = {"pseudonym": "Jane Doe", "RecordingStarted": "2026-03-09T10:00:00+00:00"}
    write_bids(made(meta=meta, notes=(note,)), tmp_path, subject="p1", dates=False)
    everything = b"".join(files_of(tmp_path).values())
    for secret in (b"Jane", b"Doe", b"2026", b"09.03"):
        assert secret not in everything
    (again,) = read_bids(tmp_path)
    assert dict(again.meta) == {"pseudonym": "p1"}
    assert again.notes == ("recording, row 2, column x: a lost sample",)


def test_what_others_have_added_to_a_dataset_stays(tmp_path: Path) -> None:
    write_bids(made(), tmp_path, subject="a")
    (tmp_path / "participants.tsv").write_text("participant_id\tage\tpseudonym\nsub-a\t33\ta\nsub-zz\t40\tzz\n")
    (tmp_path / "participants.json").write_text('{"age": {"Units": "years"}, "pseudonym": {"Description": "mine"}}')
    (tmp_path / "README.md").write_text("ours " * 50)
    (tmp_path / "CHANGES").write_text("1.0.0 2026-01-01\n  - first\n")
    kept = {name: data for name, data in files_of(tmp_path).items() if name != "participants.tsv"}
    write_bids(made(seed=1), tmp_path, subject="b")
    now = files_of(tmp_path)
    assert {name: now[name] for name in kept} == kept
    assert now["participants.tsv"].decode().splitlines() == [
        "participant_id\tage\tpseudonym",
        "sub-a\t33\ta",
        "sub-zz\t40\tzz",
        "sub-b\tn/a\tb",
    ]
    validated(tmp_path)


def test_what_was_corrected_in_the_dataset_counts(tmp_path: Path) -> None:
    events = pd.DataFrame({"onset": [0.5], "duration": [0.0], "trial_type": ["cue/R"]})
    path = write_bids(made(events=events, meta={"EMGPlacementScheme": "SENIAM"}), tmp_path, subject="a")
    beside = {k: path.with_name(path.name.replace("emg.bdf", k)) for k in ("emg.json", "channels.tsv", "events.tsv")}
    said = json.loads(beside["emg.json"].read_bytes())
    assert said["PowerLineFrequency"] == "n/a"
    said |= {"PowerLineFrequency": 60, "EMGPlacementSchemeDescription": "over the belly", "Manufacturer": "Myo"}
    beside["emg.json"].write_text(json.dumps(said))
    table = beside["channels.tsv"].read_text()
    beside["channels.tsv"].write_text(table.replace("biceps femoris", "semitendinosus").replace("right", "left"))
    beside["events.tsv"].write_text("onset\tduration\ttrial_type\n0.75\t1\tlift/L\n1.25\tn/a\tlift/L\n")
    again = read_recording(path)
    assert again.meta["PowerLineFrequency"] == 60
    assert again.meta["EMGPlacementScheme"] == "SENIAM"
    assert again.meta["EMGPlacementSchemeDescription"] == "over the belly"
    assert again.meta["Manufacturer"] == "Myo"
    assert [(c.target_muscle, c.side) for c in again.channels] == [("GMAX", "L"), ("ST", "L")]
    assert again.events.to_numpy().tolist() == [[0.75, 1.0, "lift/L"], [1.25, 0.0, "lift/L"]]
    assert any("events.tsv says otherwise" in note for note in again.notes)


def test_a_dataset_of_another_program_is_read_with_what_it_inherits(tmp_path: Path) -> None:
    folder = tmp_path / "sub-01" / "emg"
    folder.mkdir(parents=True)
    file = EdfFile(
        [Signal("ch1", ramp(2, 100)), Signal("ch2", ramp(2, 100), "")], tals=["+0\x14\x14\x00", "+1\x14\x14\x00"]
    )
    (folder / "sub-01_task-lift_emg.edf").write_bytes(file.data())
    (folder / "sub-01_task-lift_emg.json").write_text('{"Manufacturer": "Delsys"}')
    (folder / "sub-01_task-lift_channels.tsv").write_text(
        "name\ttype\tunits\ttarget_muscle\tstatus\nch1\tEMG\tuV\tright gluteus maximus\tgood\n"
        "ch2\tEMG\tmV\tbiceps femoris R\tbad\n"
    )
    (folder / "sub-01_task-lift_events.tsv").write_text("onset\tduration\tvalue\n0.5\t0\t7\n")
    (tmp_path / "task-lift_emg.json").write_text('{"TaskName": "lift", "Manufacturer": "other"}')
    (tmp_path / "task-walk_emg.json").write_text('{"TaskName": "walk"}')
    (recording,) = read_bids(tmp_path)
    assert recording.meta["participant_id"] == "sub-01"
    assert (recording.meta["TaskName"], recording.meta["Manufacturer"]) == ("lift", "Delsys")
    assert [(c.target_muscle, c.side, c.display_unit) for c in recording.channels] == [
        ("GMAX", "R", "uV"),
        ("BF", "R", "mV"),
    ]
    assert recording.meta["Channels"]["ch2"]["status"] == "bad"
    assert recording.events["trial_type"].tolist() == ["7"]


def test_a_person_is_added_to_a_dataset_of_another_program(tmp_path: Path) -> None:
    (tmp_path / "dataset_description.json").write_text('{"Name": "x", "BIDSVersion": "1.11.1", "DatasetType": "raw"}')
    (tmp_path / "README").write_text("A dataset of another program. " * 10)
    (tmp_path / "participants.tsv").write_text("participant_id\tage\nsub-01\t33\n")
    path = write_bids(made(), tmp_path, subject="heron-12")
    write_bids(made(seed=1), tmp_path, subject="01")
    assert (tmp_path / "participants.tsv").read_text().splitlines() == [
        "participant_id\tage\tpseudonym",
        "sub-01\t33\tn/a",
        "sub-heron12\tn/a\theron-12",
    ]
    assert not (tmp_path / "README.md").exists()
    assert path.is_file()
    validated(tmp_path)


@pytest.mark.parametrize(
    ("there", "says"),
    [
        ({"photo.jpg": "x"}, "holds 'photo.jpg' and no dataset_description.json"),
        ({"dataset_description.json": '{"DatasetType": "derivative"}'}, "describes no raw dataset"),
        ({"dataset_description.json": "{"}, "cannot be read as JSON"),
        ({"dataset_description.json": "{}", "participants.json": "[]"}, "is no object"),
        ({"dataset_description.json": "{}", "participants.tsv": "a\nb\tc\n"}, "row 2: 2 cells under 1 columns"),
    ],
)
def test_a_folder_of_other_things_is_refused_and_left_alone(
    tmp_path: Path, there: Mapping[str, str], says: str
) -> None:
    for name, text in there.items():
        (tmp_path / name).write_text(text)
    before = files_of(tmp_path)
    with pytest.raises(RecordingError, match=says):
        write_bids(made(), tmp_path, subject="a")
    assert files_of(tmp_path) == before
    assert len(list(tmp_path.rglob("*"))) == len(there)


def test_a_recording_that_nobody_owns_or_that_cannot_be_written_leaves_no_folder(tmp_path: Path) -> None:
    for nobody in (None, " ", "n/a"):
        with pytest.raises(RecordingError, match=r"no pseudonym: say whose it is with subject= \(--subject\)"):
            write_bids(made(), tmp_path / "x", subject=nobody)
    with pytest.raises(RecordingError, match="nothing to write"):
        write_bids(made(0), tmp_path / "x", subject="a")
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordingError, match="is a file: give a folder"):
        write_bids(made(), tmp_path / "file", subject="a")
    with pytest.raises(RecordingError, match="description cannot be written as JSON"):
        write_bids(made(), tmp_path / "x", subject="a", description={"Name": float("nan")})
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_leaves_the_dataset_as_it_was(small_disk: Path) -> None:
    root = small_disk / "study"
    write_bids(made(500), root, subject="a")
    before = files_of(root), sorted(root.rglob("*"))
    with pytest.raises(RecordingError, match="the disk is full"):
        write_bids(made(100_000), root, subject="b")
    assert (files_of(root), sorted(root.rglob("*"))) == before


def _add_some(root: Path, first: int) -> None:
    for number in range(first, first + 4):
        write_bids(made(200, seed=number), root, subject=f"p{number}")


def test_what_a_killed_program_left_is_no_fault_and_is_written_over(tmp_path: Path) -> None:
    first = write_bids(made(), tmp_path, subject="a", session="1")
    rest = files_of(tmp_path)
    for name in ("emg.json", "channels.tsv"):  # as if it had been killed before the samples of run 2 were there
        path = first.with_name(first.name.replace("run-01_emg.bdf", f"run-02_{name}"))
        path.write_bytes(b"{}" if name == "emg.json" else b"name\ttype\tunits\n")
    first.with_name(".emgorder-1-00.tmp").write_bytes(b"half a file")
    second = write_bids(made(seed=1), tmp_path, subject="a", session="1")
    assert second.name == first.name.replace("run-01", "run-02")
    assert len(list(read_bids(tmp_path))) == 2
    assert {name: data for name, data in files_of(tmp_path).items() if "run-01" in name} == {
        name: data for name, data in rest.items() if "run-01" in name
    }
    validated(tmp_path)


def test_what_the_dataset_has_otherwise_of_the_same_samples_is_told(tmp_path: Path) -> None:
    recording = read_silently(DATASETS / "clean_glute_first.csv")
    path = write_bids(recording, tmp_path, subject="p1")
    bent = replace(recording, meta={**recording.meta, "posture": "knee bent"})
    with pytest.warns(EmgOrderWarning, match="is in the dataset already, with another 'posture': left as it is"):
        assert write_bids(bent, tmp_path, subject="p1") == path
    assert read_silently(path).meta["posture"] == recording.meta["posture"]
    with pytest.warns(EmgOrderWarning, match="another 'TaskName'"):
        assert write_bids(recording, tmp_path, subject="p1", task="other") == path


def test_two_programs_may_add_at_the_same_time(tmp_path: Path) -> None:
    write_bids(made(200), tmp_path, subject="a")
    context = multiprocessing.get_context("fork" if sys.platform != "win32" else "spawn")
    workers = [context.Process(target=_add_some, args=(tmp_path, first)) for first in (0, 4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert len((tmp_path / "participants.tsv").read_text().splitlines()) == 1 + 1 + 8
    assert len(list(read_bids(tmp_path))) == 9


def test_no_folder_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="is no folder: give that of a BIDS dataset"):
        list(read_bids(tmp_path / "x"))
    assert bids_files(tmp_path) == []


def test_a_damaged_table_is_named_with_its_row(tmp_path: Path) -> None:
    path = write_bids(made(), tmp_path, subject="a")
    table = path.with_name(path.name.replace("emg.bdf", "events.tsv"))
    table.write_text("onset\tduration\ttrial_type\nsoon\t0\tlift/R\n")
    with pytest.raises(RecordingError, match=r"events\.tsv, row 2: onset 'soon' is no number"):
        read_recording(path)


def test_a_real_recording_goes_into_a_dataset_and_back(data_folder: Path, tmp_path: Path) -> None:
    recording = replace(read_recording(data_folder / "lift12kg_8ch" / "lift12kg.csv", unit="mV"), notes=())
    path = write_bids(recording, tmp_path, subject="p", task="lift 12 kg")
    validated(tmp_path)
    again = read_recording(path)
    assert np.abs(again.data - recording.data).max() <= np.abs(recording.data).max() * 2.5 / 8e6
    assert (again.channels, again.meta["TaskName"]) == (recording.channels, "lift 12 kg")


def test_channels_of_other_things_are_no_emg(tmp_path: Path) -> None:
    file = tmp_path / "x.edf"
    file.write_bytes(EdfFile([Signal("GMAX_R", ramp(1, 100)), Signal("Acc X", ramp(1, 100), "g")]).data())
    path = write_bids(read_recording(file), tmp_path / "study", subject="a")
    rows = path.with_name(path.name.replace("emg.bdf", "channels.tsv")).read_text().splitlines()[1:]
    assert [row.split("\t")[:3] for row in rows] == [["GMAX_R", "EMG", "uV"], ["Acc_X", "MISC", "g"]]
    assert json.loads(path.with_suffix(".json").read_bytes())["EMGChannelCount"] == 1
    again = read_recording(path)
    assert [c.unit for c in again.channels] == ["V", "a.u."]
    assert again.meta["Channels"]["Acc_X"]["dimension"] == "g"


def test_a_file_taken_out_of_its_dataset_keeps_its_sidecar(tmp_path: Path) -> None:
    recording = made(clock=Sync("tap test", 0.01, 0.004), meta={"EMGPlacementScheme": "SENIAM"})
    path = write_bids(recording, tmp_path / "study", subject="a")
    for ending in (".bdf", ".json"):
        (tmp_path / f"mine{ending}").write_bytes(path.with_suffix(ending).read_bytes())
    again = read_recording(tmp_path / "mine.bdf")
    assert again.clock == recording.clock
    assert again.meta == {"EMGPlacementScheme": "SENIAM", "pseudonym": "a"}
