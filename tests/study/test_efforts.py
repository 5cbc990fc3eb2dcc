"""Full efforts are found by their names, belong to some recordings only, and count for what is done."""

from __future__ import annotations

import json
import os
import shutil
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

import emgorder as eo
from emgorder.study.efforts import check_patterns, efforts_of, is_effort, with_slashes
from emgorder.study.find import Found, find_recordings


def touched(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("time_s,GMAX_R_uV\n", encoding="ascii")


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("{stem}_mvc*.csv", ["a/heron_mvc1.csv", "a/heron_mvc2.csv"]),
        ("{stem}_mvc*", ["a/heron_mvc1.csv", "a/heron_mvc2.csv"]),
        ("./{stem}_mvc2.*", ["a/heron_mvc2.csv"]),
        ("../full/*.csv", ["full/one.csv"]),
        ("*.csv", ["a/heron_mvc1.csv", "a/heron_mvc2.csv", "a/otter_mvc1.csv"]),
        ("nothing*", []),
    ],
)
def test_what_fits_a_pattern_belongs_to_a_recording(tmp_path: Path, pattern: str, wanted: list[str]) -> None:
    touched(tmp_path, "a/heron.csv", "a/heron_mvc1.csv", "a/heron_mvc2.csv", "a/otter_mvc1.csv", "full/one.csv")
    touched(tmp_path, "a/heron_mvc1.json", "a/heron_mvc2.emgj", "full/notes.doc")
    found = efforts_of(tmp_path / "a" / "heron.csv", [pattern])
    assert [os.path.relpath(path, tmp_path) for path in found] == wanted


def test_signs_in_the_name_of_a_recording_are_no_pattern(tmp_path: Path) -> None:
    touched(tmp_path, "a*[1]?.csv", "a*[1]?_mvc.csv", "ab1c_mvc.csv")
    assert efforts_of(tmp_path / "a*[1]?.csv", ["{stem}_mvc.csv"]) == [tmp_path / "a*[1]?_mvc.csv"]
    assert efforts_of(Path("a\0b.csv"), ["*.csv"]) == []


def test_a_pattern_of_two_is_enough_and_a_file_is_taken_once(tmp_path: Path) -> None:
    touched(tmp_path, "heron.csv", "glute.csv", "ham.csv")
    assert len(efforts_of(tmp_path / "heron.csv", ["glute.csv", "ham.csv", "g*.csv"])) == 2


@pytest.mark.parametrize("pattern", ["../lifts/*.csv", "./../lifts/h*", "*", "{stem}*"])
def test_a_recording_is_no_effort_of_its_own_however_its_name_is_written(tmp_path: Path, pattern: str) -> None:
    touched(tmp_path, "lifts/heron.csv", "lifts/heron.bdf", "lifts/heron_mvc.csv", "lifts/heron_mvc.bdf")
    found = efforts_of(tmp_path / "lifts" / "heron.csv", [pattern])
    assert [path.name for path in found] == ["heron_mvc.csv"]
    (tmp_path / "x").mkdir()
    assert len(efforts_of(tmp_path / "x" / ".." / "lifts" / "heron.csv", [pattern])) == 1


def test_an_effort_that_two_patterns_spell_in_two_ways_is_taken_once(tmp_path: Path) -> None:
    touched(tmp_path, "lifts/heron.csv", "lifts/heron_mvc.csv", "lifts/heron_mvc.bdf")
    (found,) = efforts_of(tmp_path / "lifts" / "heron.csv", ["../lifts/*_mvc.*", "{stem}_mvc.csv"])
    assert found.samefile(tmp_path / "lifts" / "heron_mvc.csv")


@pytest.mark.skipif(os.name == "nt", reason="a link needs rights there, and .. goes by the name")
def test_the_way_up_from_a_linked_folder_is_that_of_the_folder_itself(tmp_path: Path) -> None:
    touched(tmp_path, "data/lifts/heron.csv", "data/mvc/heron.csv")
    link = tmp_path / "mvc"
    link.symlink_to(tmp_path / "data" / "lifts")
    (found,) = efforts_of(link / "heron.csv", ["../mvc/*.csv"])
    assert found.samefile(tmp_path / "data" / "mvc" / "heron.csv")


def test_an_effort_in_two_forms_is_no_session_in_either(tmp_path: Path) -> None:
    touched(tmp_path, "heron.bdf", "heron.csv", "heron_mvc1.csv", "heron_mvc1.bdf", "otter_mvc1.csv")
    found = Found()
    sessions = list(find_recordings(tmp_path, found, ["{stem}_mvc*.bdf"]))
    assert [path.name for path in sessions] == ["heron.csv", "otter_mvc1.csv"]
    assert (found.efforts, found.twice) == (1, 2)


def test_a_pattern_of_one_ending_leaves_the_sessions_of_another(tmp_path: Path) -> None:
    touched(tmp_path, "heron.bdf", "full.csv")
    assert [path.name for path in find_recordings(tmp_path, Found(), ["*.csv"])] == ["heron.bdf"]


def test_what_fits_the_name_of_an_effort_is_no_session() -> None:
    assert is_effort(Path("mvc/one.csv"), ["../mvc/*.csv"])
    assert not is_effort(Path("lifts/one.csv"), ["../mvc/*.csv"])
    assert is_effort(Path("mvc/one.csv"), ["..//mvc/*.csv"])
    assert not is_effort(Path("heron.csv"), [])


@pytest.mark.parametrize("pattern", ["", "../", ".", "./", "/data/mvc.csv", "**/mvc.csv", ["a.csv", ""], [None]])
def test_what_is_no_pattern_is_refused(pattern: str | list[str]) -> None:
    with pytest.raises(eo.SettingsError, match="no pattern of names"):
        check_patterns(pattern)


@pytest.mark.parametrize("pattern", ["sub/../mvc/*.csv", "../{stem}/../mvc.csv", "./mvc/..", ".././a/../b"])
def test_a_way_up_after_a_name_is_refused(pattern: str) -> None:
    with pytest.raises(eo.SettingsError, match=r"after a name") as caught:
        check_patterns(pattern)
    assert caught.value.key == "mvc"


def test_backslashes_part_folders_where_the_system_has_them() -> None:
    assert with_slashes("..\\mvc\\*.csv", "\\") == with_slashes("../mvc/*.csv", "\\") == "../mvc/*.csv"
    assert with_slashes("a\\b*.csv", "/") == "a\\b*.csv"  # a name may hold one


def test_patterns_come_back_with_the_slashes_of_every_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emgorder.study.efforts.os", SimpleNamespace(sep="\\"))
    assert check_patterns(["..\\mvc\\*.csv", "{stem}_mvc*.csv"]) == ("../mvc/*.csv", "{stem}_mvc*.csv")
    with pytest.raises(eo.SettingsError, match="after a name"):
        check_patterns("sub\\..\\*.csv")


@pytest.fixture(scope="module")
def lifts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a session with as many lifts as a level needs."""
    path = tmp_path_factory.mktemp("lifts") / "lifts.csv"
    recording = eo.simulate_session(
        seed=1, n_lifts=4, rest_s=2.5, baseline_s=2.5, sampling_frequency=500.0, missing_share=0.0
    )
    return eo.write_recording(recording, path)[0]


@pytest.fixture
def folder(lifts: Path, sessions: list[Path], tmp_path: Path) -> Path:
    """Return a folder with a person who has a full effort, and one who has none."""
    made = tmp_path / "recordings"
    made.mkdir()
    for name in ("heron", "otter"):
        for suffix in (".csv", ".json"):
            shutil.copy(lifts.with_suffix(suffix), made / f"{name}{suffix}")
    weak = eo.read_recording(sessions[1])
    eo.write_recording(replace(weak, data=weak.data * 3), made / "heron_mvc.csv")
    return made


def test_the_numbers_are_those_of_an_analysis_with_these_efforts(folder: Path, pool: ProcessPoolExecutor) -> None:
    paths = [folder / "heron.csv", folder / "otter.csv"]
    effort = eo.read_recording(folder / "heron_mvc.csv")
    for executor in (None, pool):
        found = eo.analyse_many(paths, executor=executor, mvc="{stem}_mvc*.csv")
        heron, otter = sorted(found, key=lambda outcome: outcome.index)
        alone = eo.analyse(eo.read_recording(paths[0]), mvc=[effort])
        pd.testing.assert_frame_equal(heron.lifts, alone.lifts, check_exact=True)
        assert heron.lifts["percent_mvc"].notna().all()
        assert otter.lifts["percent_mvc"].isna().all()


def test_an_effort_that_cannot_be_read_is_an_error_of_its_recording(folder: Path) -> None:
    (folder / "heron_mvc.csv").write_bytes(b"")
    heron, otter = eo.analyse_many([folder / "heron.csv", folder / "otter.csv"], mvc=["{stem}_mvc*.csv"])
    assert "heron_mvc.csv" in heron.error
    assert "empty" in heron.error
    assert otter.ok


@pytest.mark.parametrize("changed", ["heron_mvc.csv", "heron_mvc.json", "heron_mvc2.csv"])
def test_a_result_is_stale_when_an_effort_changes(folder: Path, tmp_path: Path, changed: str) -> None:
    paths, out = [folder / "heron.csv", folder / "otter.csv"], tmp_path / "out"
    eo.run_batch(paths, out, mvc="{stem}_mvc*.csv")
    assert eo.run_batch(paths, out, mvc=["{stem}_mvc*.csv"], resume=True).n_skipped == 2
    (folder / changed).touch()
    os.utime(folder / changed, ns=(1, 1))
    report = eo.run_batch(paths, out, mvc="{stem}_mvc*.csv", resume=True)
    assert (report.n_analysed + report.n_failed, report.n_skipped) == (1, 1)


def test_efforts_of_other_names_are_other_numbers_and_a_batch_of_before_goes_on(folder: Path, tmp_path: Path) -> None:
    paths, out = [folder / "otter.csv"], tmp_path / "out"
    eo.run_batch(paths, out)
    about = json.loads((out / "batch.json").read_text(encoding="utf-8"))
    del about["reading"]["mvc"]  # as a batch has it that was begun when there was no such option
    (out / "batch.json").write_text(json.dumps(about), encoding="utf-8")
    assert eo.run_batch(paths, out, resume=True).n_skipped == 1
    with pytest.raises(eo.SettingsError, match=r"mvc was None, now \['mvc\*'\]"):
        eo.run_batch(paths, out, resume=True, mvc="mvc*")
