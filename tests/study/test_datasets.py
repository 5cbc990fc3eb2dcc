"""Public data sets: from a folder, from a server, and everything that can go wrong on the way."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emgorder.errors import EmgOrderWarning, MissingExtraError, RecordingError, SettingsError
from emgorder.model import FloatArray
from emgorder.study.catalogue import Dataset, catalogue
from emgorder.study.datasets import dataset_folder, datasets, load_dataset
from emgorder.study.fetching import CHECKSUMS
from tests.study import publisher as server

FETCHED = [name for name, dataset in catalogue().items() if dataset.fetched]
N = 400


@pytest.fixture(scope="module")
def publisher() -> Iterator[server.Publisher]:
    with server.running() as running:
        yield running


@pytest.fixture(autouse=True)
def no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMGORDER_DATA", raising=False)


def small(name: str) -> tuple[Dataset, dict[str, FloatArray]]:
    """Return a data set with short recordings of random values, and these."""
    dataset, rng = catalogue()[name], np.random.default_rng(5)
    files, signals = [], {}
    for file in dataset.files:
        values = rng.normal(0, 30, (N, len(file.channels)))
        if name in ("uci_gestures_myo", "biosppy_examples", "biosignalsnotebooks"):
            values = np.round(values) + (0 if name == "uci_gestures_myo" else 2000)
        signals[file.name] = values
    if name == "uci_gestures_myo":
        signals["session1_200hz.csv"] = signals["session1_1k_first60s.csv"][::5]
    for file in dataset.files:
        values = signals[file.name]
        rms = float(np.sqrt(np.mean(values**2)))
        files.append(replace(file, n_samples=len(values), rms=rms))
    return replace(dataset, files=tuple(files)), signals


def offered(publisher: server.Publisher, name: str, folder: Path) -> tuple[Dataset, dict[str, FloatArray]]:
    dataset, signals = small(name)
    server.write_originals(dataset, signals, folder / "originals")
    return publisher.offers(dataset, folder / "originals"), signals


@pytest.mark.parametrize("name", FETCHED)
@pytest.mark.filterwarnings("ignore::emgorder.errors.EmgOrderWarning")
def test_what_is_fetched_holds_the_publishers_values(
    name: str, publisher: server.Publisher, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset, signals = offered(publisher, name, tmp_path)
    for file in dataset.files:
        recording = load_dataset(dataset, file.name, cache=tmp_path / "cache")
        per_volt = [1e3 if label in dataset.scaled else 1.0 for label in file.channels]
        np.testing.assert_allclose(recording.data * per_volt, signals[file.name], rtol=1e-6, atol=1e-12)
        assert [c.label for c in recording.channels] == list(file.channels)
        assert recording.sampling_frequency == file.sampling_frequency
        assert recording.meta["License"] == dataset.licence
        assert recording.meta["HowToAcknowledge"] == dataset.citation
    said = capsys.readouterr().err
    assert said.count(dataset.citation) == 1, "licence and citation are shown when the data arrive, and only then"
    assert dataset.licence in said
    assert not [p for p in (tmp_path / "cache").iterdir() if p.name not in (name, CHECKSUMS)]


def test_it_is_fetched_once(publisher: server.Publisher, tmp_path: Path) -> None:
    dataset, _ = offered(publisher, "emggo_ta_250hz", tmp_path)
    before = len(publisher.asked)
    for _ in range(3):
        load_dataset(dataset, cache=tmp_path / "cache")
    assert len(publisher.asked) == before + 1


def test_a_walk_from_the_publishers_form_equals_the_one_in_the_folder(
    publisher: server.Publisher, data_folder: Path, tmp_path: Path
) -> None:
    dataset = catalogue()["musclesynergies_walking"]
    local = data_folder / "musclesynergies_walking" / "walk_right_leg.csv"
    values = pd.read_csv(local).to_numpy()[:, 1:]
    server.write_originals(dataset, {local.name: values}, tmp_path / "originals", start_s=0.014)
    folder = dataset_folder(publisher.offers(dataset, tmp_path / "originals"), cache=tmp_path / "cache")
    assert (folder / local.name).read_bytes() == local.read_bytes()
    assert (folder / "cycles.csv").read_text() == "V1,V2\n1.414,2.074\n2.448,3.115\n"


def test_the_first_checksum_is_noted_and_a_later_change_refused(
    publisher: server.Publisher, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset, signals = offered(publisher, "emggo_ta_250hz", tmp_path)
    cache = tmp_path / "cache"
    folder = dataset_folder(dataset, cache=cache)
    body = publisher.files["/emggo_ta_250hz/0"]
    noted = json.loads((cache / CHECKSUMS).read_text())
    assert noted == {dataset.originals[0].url: hashlib.sha256(body).hexdigest()}
    assert hashlib.sha256(body).hexdigest() in capsys.readouterr().err
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    changed = {"ta.csv": signals["ta.csv"][::-1]}  # the same facts in other bytes
    server.write_originals(dataset, changed, tmp_path / "originals")
    publisher.files["/emggo_ta_250hz/0"] = (tmp_path / "originals" / "Sample Data.mat").read_bytes()
    with pytest.raises(RecordingError, match=r"the publisher changed it.*nothing was kept.*checksums\.json"):
        dataset_folder(dataset, cache=cache)
    assert [p.name for p in cache.iterdir()] == [CHECKSUMS]


def test_a_pinned_checksum_is_kept_to(publisher: server.Publisher, tmp_path: Path) -> None:
    dataset, _ = offered(publisher, "emggo_ta_250hz", tmp_path)
    right = hashlib.sha256(publisher.files["/emggo_ta_250hz/0"]).hexdigest()
    pinned = {s: replace(dataset, originals=(replace(dataset.originals[0], sha256=s),)) for s in (right, "0" * 64)}
    with pytest.raises(RecordingError, match=f"SHA-256 {right}, not 0000"):
        dataset_folder(pinned["0" * 64], cache=tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())
    assert dataset_folder(pinned[right], cache=tmp_path / "cache").is_dir()
    assert not (tmp_path / "cache" / CHECKSUMS).exists()


@pytest.mark.parametrize("name", FETCHED)
def test_a_page_that_comes_in_place_of_the_data_is_refused(
    name: str, publisher: server.Publisher, tmp_path: Path
) -> None:
    dataset, _ = offered(publisher, name, tmp_path)
    for i in range(len(dataset.originals)):
        publisher.files[f"/{name}/{i}"] = server.ERROR_PAGE
    with pytest.raises(RecordingError, match=r"does not hold the recordings of .* nothing was kept"):
        dataset_folder(dataset, cache=tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir()), "neither the page nor its checksum is taken as right"


def test_a_download_that_breaks_off_is_refused(publisher: server.Publisher, tmp_path: Path) -> None:
    dataset, _ = offered(publisher, "biosppy_examples", tmp_path)
    publisher.torn.add("/biosppy_examples/1")
    try:
        with pytest.raises(RecordingError, match="came only in part"):
            dataset_folder(dataset, cache=tmp_path / "cache")
    finally:
        publisher.torn.clear()
    assert not list((tmp_path / "cache").iterdir())
    assert dataset_folder(dataset, cache=tmp_path / "cache").is_dir(), "and can be had a second time"


def test_a_file_that_the_publisher_withdrew_is_said(publisher: server.Publisher, tmp_path: Path) -> None:
    dataset, _ = offered(publisher, "emggo_ta_250hz", tmp_path)
    gone = replace(dataset, originals=(replace(dataset.originals[0], url=publisher.url + "/nothing"),))
    with pytest.raises(RecordingError, match=r"answers 404 .* moved or withdrawn.*EMGORDER_DATA"):
        dataset_folder(gone, cache=tmp_path / "cache")


def test_without_network_the_error_says_what_to_do(tmp_path: Path) -> None:
    with server.running() as closed:
        dataset, _ = offered(closed, "emggo_ta_250hz", tmp_path)
    with pytest.raises(RecordingError, match=r"cannot be reached.*connect to the network.*EMGORDER_DATA.*emggo_ta"):
        dataset_folder(dataset, cache=tmp_path / "cache")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"n_samples": N + 1}, f"{N} samples, not {N + 1}"),
        ({"rms": 1.0}, "RMS of"),
        ({"channels": ("XX",)}, "no channel XX"),
        ({"sampling_frequency": 500.0}, "250.0 Hz, not 500 Hz"),
        ({"name": "other.csv"}, r"no other\.csv"),
    ],
)
def test_what_does_not_fit_its_description_is_refused(
    change: dict[str, object], said: str, publisher: server.Publisher, tmp_path: Path
) -> None:
    dataset, _ = offered(publisher, "emggo_ta_250hz", tmp_path)
    other = replace(dataset, files=(replace(dataset.files[0], **change),))
    with pytest.raises(RecordingError, match=said):
        dataset_folder(other, cache=tmp_path / "cache")


def test_a_lost_line_in_a_text_file_is_found(publisher: server.Publisher, tmp_path: Path) -> None:
    dataset, _ = offered(publisher, "uci_lower_limb", tmp_path)
    body = publisher.files["/uci_lower_limb/0"]
    publisher.files["/uci_lower_limb/0"] = body[: body[:-2].rfind(b"\n") + 1]
    with pytest.raises(RecordingError, match=f"holds {N - 1} rows of 5, its head says {N}"):
        dataset_folder(dataset, cache=tmp_path / "cache")


def test_a_fetched_file_that_was_changed_later_is_refused(publisher: server.Publisher, tmp_path: Path) -> None:
    dataset, _ = offered(publisher, "emggo_ta_250hz", tmp_path)
    folder = dataset_folder(dataset, cache=tmp_path / "cache")
    with (folder / "ta.csv").open("a") as file:
        file.write("9.000000,1\n")
    with pytest.raises(RecordingError, match="has changed since it was fetched: delete the folder"):
        load_dataset(dataset, cache=tmp_path / "cache")
    (folder / "meta.json").write_text("{")
    with pytest.raises(RecordingError, match="is not whole"):
        load_dataset(dataset, cache=tmp_path / "cache")


def test_a_fetched_folder_without_a_recording_that_belongs_in_it_is_refused(
    publisher: server.Publisher, tmp_path: Path
) -> None:
    dataset, _ = offered(publisher, "emggo_ta_250hz", tmp_path)
    folder = dataset_folder(dataset, cache=tmp_path / "cache")
    more = replace(dataset, files=(*dataset.files, replace(dataset.files[0], name="later.csv")))
    with pytest.raises(RecordingError, match=r"is not whole \(.*later\.csv.*delete the folder"):
        dataset_folder(more, cache=tmp_path / "cache")
    (folder / "ta.csv").unlink()
    with pytest.raises(RecordingError, match="is not whole"):
        dataset_folder(dataset, cache=tmp_path / "cache")


def test_two_that_fetch_at_once_get_the_same(publisher: server.Publisher, tmp_path: Path) -> None:
    dataset, _ = offered(publisher, "uci_lower_limb", tmp_path)
    with ThreadPoolExecutor(4) as pool:
        folders = list(pool.map(lambda _: dataset_folder(dataset, cache=tmp_path / "cache"), range(4)))
    assert set(folders) == {tmp_path / "cache" / dataset.name}
    assert {p.name for p in (tmp_path / "cache").iterdir()} == {dataset.name, CHECKSUMS}


def test_what_a_killed_process_left_goes_a_day_later(publisher: server.Publisher, tmp_path: Path) -> None:
    dataset, _ = offered(publisher, "emggo_ta_250hz", tmp_path)
    for name, age_s in ((".fetching-old", 2 * 86400), (".fetching-now", 60)):
        left = tmp_path / "cache" / name
        left.mkdir(parents=True)
        (left / "original-0").write_bytes(b"half")
        os.utime(left, (time.time() - age_s,) * 2)
    dataset_folder(dataset, cache=tmp_path / "cache")
    assert {p.name for p in (tmp_path / "cache").iterdir()} == {dataset.name, CHECKSUMS, ".fetching-now"}


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_damaged_list_of_checksums_is_not_passed_over(
    content: str, publisher: server.Publisher, tmp_path: Path
) -> None:
    dataset, _ = offered(publisher, "emggo_ta_250hz", tmp_path)
    (tmp_path / CHECKSUMS).write_text(content)
    with pytest.raises(RecordingError, match="delete it to take what comes next as right"):
        dataset_folder(dataset, cache=tmp_path)


def test_a_full_disk_leaves_nothing_behind(publisher: server.Publisher, tmp_path: Path, small_disk: Path) -> None:
    dataset, signals = small("emggo_ta_250hz")
    signals["ta.csv"] = np.random.default_rng(1).normal(size=(60000, 1))
    server.write_originals(dataset, signals, tmp_path / "originals")
    with pytest.raises(RecordingError, match="the disk is full"):
        dataset_folder(publisher.offers(dataset, tmp_path / "originals"), cache=small_disk)
    assert not list(small_disk.iterdir())


def test_a_cache_that_cannot_be_made_is_said(publisher: server.Publisher, tmp_path: Path) -> None:
    dataset, _ = offered(publisher, "emggo_ta_250hz", tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordingError, match="not made"):
        dataset_folder(dataset, cache=tmp_path / "file" / "cache")


def test_fetching_without_pooch_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(MissingExtraError, match=r'pip install "emgorder\[study\]"'):
        dataset_folder("emggo_ta_250hz", cache=tmp_path)


@pytest.mark.parametrize(("name", "module"), [("musclesynergies_walking", "rdata"), ("biosignalsnotebooks", "h5py")])
def test_a_form_whose_reader_is_not_installed_names_the_extra(
    name: str, module: str, publisher: server.Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset, _ = offered(publisher, name, tmp_path)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=f"{module} is not installed"):
        dataset_folder(dataset, cache=tmp_path / "cache")


def test_what_is_not_fetched_says_why(tmp_path: Path) -> None:
    for dataset in datasets().values():
        if not dataset.fetched:
            with pytest.raises(RecordingError, match="not known for sure; set EMGORDER_DATA"):
                dataset_folder(dataset, cache=tmp_path)
            assert "not fetched" in str(dataset)


def test_every_data_set_says_whose_it_is_and_where_it_comes_from() -> None:
    for name, dataset in datasets().items():
        assert dataset.name == name
        assert dataset.licence in ("MIT", "BSD-3-Clause", "CC-BY-4.0"), "all of these allow to fetch and pass on"
        assert dataset.homepage in dataset.citation
        assert dataset.fetched == (dataset.convert is not None) == (not dataset.why_not_fetched)
        for original in dataset.originals:
            assert original.url.startswith(f"https://raw.githubusercontent.com{dataset.homepage[18:]}/")
            commit = original.url.split("/")[5]
            assert len(commit) == 40, "an address without a commit could change its content"
            assert " " not in original.url
        for word in (dataset.title, dataset.licence, dataset.citation, dataset.files[0].name):
            assert word in str(dataset)


def test_the_folder_that_emgorder_data_names_comes_first(
    data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMGORDER_DATA", str(data_folder))
    walk = load_dataset("musclesynergies_walking", cache=tmp_path)
    assert walk.find("GMAX", "R") == 1
    assert walk.find("BF", "R") == 7
    lifts = load_dataset("lift12kg_8ch", cache=tmp_path)
    assert {c.unit for c in lifts.channels} == {"V"}
    leg = load_dataset("uci_lower_limb", "5Nmar.csv", muscles={"BF_R": "BF"}, cache=tmp_path)
    assert [c.unit for c in leg.channels] == ["V", "V", "V", "V", "a.u."]
    assert leg.data[0].tolist() == pytest.approx([3.7e-6, -1.5e-6, -0.8e-6, -17.3e-6, 59.9])
    assert not list(tmp_path.iterdir())


def test_the_catalogue_tells_what_is_in_the_folder(data_folder: Path) -> None:
    for dataset in datasets().values():
        folder = data_folder / dataset.name
        described = json.loads((folder / "meta.json").read_text())["files"]
        assert {f.name for f in dataset.files} == described.keys()
        for file in dataset.files:
            table = pd.read_csv(folder / file.name)
            assert tuple(table.columns[1:]) == file.channels
            assert len(table) == file.n_samples
            assert described[file.name]["fs"] == file.sampling_frequency
            assert described[file.name]["unit"] == file.unit
            assert np.sqrt(np.mean(table.to_numpy()[:, 1:] ** 2)) == pytest.approx(file.rms, rel=1e-5)
        assert all(o.url.split("/")[5] in (folder / "SOURCE.txt").read_text() for o in dataset.originals)


def test_a_folder_that_is_none_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMGORDER_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(RecordingError, match="is no folder: correct EMGORDER_DATA"):
        load_dataset("emggo_ta_250hz", cache=tmp_path)


@pytest.mark.parametrize(
    ("name", "file", "said"),
    [
        ("../secret", None, "no data set: there are biosignalsnotebooks"),
        ("uci_lower_limb", None, r"several recordings: give one of 3Amar\.csv"),
        ("uci_lower_limb", "../../x.csv", r"is not in uci_lower_limb: there are 3Amar\.csv"),
        ("emggo_ta_250hz", "x.csv", r"there are ta\.csv"),
    ],
)
def test_names_that_do_not_exist_are_answered_with_those_that_do(
    name: str, file: str | None, said: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=said):
        load_dataset(name, file, cache=tmp_path)


def test_held_samples_are_still_warned_of(publisher: server.Publisher, tmp_path: Path) -> None:
    dataset, signals = small("uci_gestures_myo")
    held = np.repeat(np.round(np.random.default_rng(2).normal(0, 30, (N // 5, 8))), 5, axis=0)
    signals = {"session1_1k_first60s.csv": held, "session1_200hz.csv": held[::5]}
    files = [replace(f, rms=float(np.sqrt(np.mean(signals[f.name] ** 2)))) for f in dataset.files]
    dataset = replace(dataset, files=tuple(files))
    server.write_originals(dataset, signals, tmp_path / "originals")
    offer = publisher.offers(dataset, tmp_path / "originals")
    with pytest.warns(EmgOrderWarning, match="held|new values"):
        load_dataset(offer, "session1_1k_first60s.csv", cache=tmp_path / "cache")
