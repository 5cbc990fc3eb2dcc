"""One person exported whole or deleted whole, and nobody else."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from emgorder.errors import RecordingError, SettingsError
from emgorder.history import texts as t
from emgorder.history.index import INDEX, read_history
from emgorder.history.people import belongings, delete_person, export_person
from emgorder.io.journal import JournalWriter
from tests.history.conftest import HOSTILE, make_result, make_test

Tree = Callable[[Path], dict[str, bytes]]


def heron(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir() if p.name.startswith("heron-12_")}


def test_a_person_is_deleted_whole_and_others_stay_byte_for_byte(tests: Path, tree: Tree) -> None:
    make_result(tests / "plain.json", "heron-12")
    make_result(tests / "others.json", "otter-7")
    read_history(tests)
    others = {k: v for k, v in tree(tests).items() if not k.startswith(("heron-12_", "plain.json"))}
    count, left = delete_person(belongings(tests, "heron-12"))
    assert (count, left) == (3 * 5 + 1, ())
    assert tree(tests) == others
    assert {visit.person for visit in read_history(tests).visits} == {"otter-7"}


def test_what_is_deleted_is_not_in_the_index_any_more(tests: Path) -> None:
    read_history(tests)
    assert b"heron-12" in (tests / INDEX).read_bytes()
    delete_person(belongings(tests, "heron-12"))
    assert b"heron-12" not in (tests / INDEX).read_bytes()


def test_names_that_are_alike_are_not_the_same(tests: Path, tree: Tree) -> None:
    for name in ("heron-1", "heron-123", "Heron-12", "heron 12", "heron-12."):
        make_test(tests, name)
    before = tree(tests)
    own = belongings(tests, "heron-12")
    assert len(own.tests) == 3
    delete_person(own)
    gone = before.keys() - tree(tests).keys()
    assert all(json.loads(before[k])["plan"]["pseudonym"] == "heron-12" for k in gone if k.endswith("test.json"))
    assert len(gone) == 15


def test_a_folder_that_names_two_people_is_kept_and_said(tests: Path, tree: Tree) -> None:
    mixed = make_test(tests, "heron-12", 6)
    (mixed / "other.json").write_text('{"pseudonym": "otter-7"}', encoding="ascii")
    _, left = delete_person(belongings(tests, "heron-12"))
    assert left == ((mixed, t.WHY_MIXED),)
    assert heron(tests) == {mixed.name}


def test_a_folder_that_says_nothing_but_is_named_alike_is_kept_and_said(tests: Path) -> None:
    silent = tests / "heron-12_20200101-000000"
    silent.mkdir()
    (silent / "right.csv").write_text("", encoding="ascii")
    assert belongings(tests, "heron-12").kept == ((silent, t.WHY_UNKNOWN),)


def test_a_test_that_is_being_recorded_is_kept_and_said(tests: Path) -> None:
    running = make_test(tests, "heron-12", 6)
    with JournalWriter(running / "left.emgj", {"sensors": {}, "meta": {"pseudonym": "heron-12"}}):
        own = belongings(tests, "heron-12")
    assert own.kept == ((running, t.WHY_RUNNING),)
    assert len(own.tests) == 3
    assert len(belongings(tests, "heron-12").tests) == 4


def test_links_are_not_followed(tests: Path, tmp_path: Path, tree: Tree) -> None:
    outside = make_test(tmp_path / "outside", "heron-12")
    before = tree(tmp_path / "outside")
    (tests / "heron-12_20200101-000000").symlink_to(outside)
    (tests / "link.json").symlink_to(outside / "result.json")
    inside = tests / sorted(heron(tests))[1]
    (inside / "link").symlink_to(outside)
    (inside / "link.csv").symlink_to(outside / "right.csv")
    own = belongings(tests, "heron-12")
    assert len(own.tests) == 3
    assert not any("outside" in str(path.resolve()) for path in own.all_files())
    delete_person(own)
    assert tree(tmp_path / "outside") == before


def test_a_folder_that_became_a_link_meanwhile_is_not_followed(tests: Path, tmp_path: Path, tree: Tree) -> None:
    own = belongings(tests, "heron-12")
    outside = tmp_path / "outside"
    shutil.move(own.tests[0], outside)
    own.tests[0].symlink_to(outside)
    before = tree(outside)
    _, left = delete_person(own)
    assert left == ((own.tests[0], t.WHY_LINK),)
    assert tree(outside) == before


def test_recordings_go_with_their_sidecar_and_reports_with_their_name(tests: Path, tree: Tree) -> None:
    shelf = tests / "2025"
    shelf.mkdir()
    for person, stem in (("heron-12", "a"), ("otter-7", "b")):
        (shelf / f"{stem}.csv").write_text("x", encoding="ascii")
        (shelf / f"{stem}.json").write_text(json.dumps({"pseudonym": person}), encoding="ascii")
        with JournalWriter(shelf / f"{stem}_live.emgj", {"sensors": {}, "meta": {"pseudonym": person}}):
            pass
        make_result(shelf / f"{stem}_result.json", person)
        (shelf / "report.html").rename(shelf / f"{stem}.html")
    (shelf / "nobody.csv").write_text("x", encoding="ascii")
    (shelf / "page.html").write_text("heron-12", encoding="ascii")
    own = belongings(tests, "heron-12")
    assert {p.name for p in own.files} == {"a.csv", "a.json", "a_live.emgj", "a_result.json", "a.html"}
    delete_person(own)
    left = {k.split("/")[1] for k in tree(tests) if k.startswith("2025/")}
    assert left == {"b.csv", "b.json", "b_live.emgj", "b_result.json", "b.html", "nobody.csv", "page.html"}


def test_a_journal_of_somebody_else_beside_a_sidecar_stays(tests: Path) -> None:
    (tests / "a.json").write_text('{"pseudonym": "heron-12"}', encoding="ascii")
    with JournalWriter(tests / "a.emgj", {"sensors": {}, "meta": {"pseudonym": "otter-7"}}):
        pass
    assert belongings(tests, "heron-12").files == (tests / "a.json",)


def test_a_deletion_that_stopped_half_way_can_be_done_again(tests: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = belongings(tests, "heron-12")
    with monkeypatch.context() as patch:
        kept = Path.unlink

        def unlink(self: Path, missing_ok: bool = False) -> None:
            if self.name == "right.csv":
                raise PermissionError(13, "Permission denied")
            kept(self, missing_ok)

        patch.setattr(Path, "unlink", unlink)
        _, left = delete_person(own)
    assert len(left) == 3
    assert all("cannot be deleted: Permission denied" in why for _, why in left)
    assert len(belongings(tests, "heron-12").tests) == 3
    assert delete_person(belongings(tests, "heron-12"))[1] == ()
    assert not heron(tests)


def test_two_deletions_at_once_do_not_mind_each_other(tests: Path) -> None:
    first, second = belongings(tests, "heron-12"), belongings(tests, "heron-12")
    assert delete_person(first)[1] == ()
    assert delete_person(second) == (0, ())


def test_an_export_holds_every_file_as_it_is(tests: Path, tmp_path: Path, tree: Tree) -> None:
    own = belongings(tests, "heron-12")
    wanted = {k: v for k, v in tree(tests).items() if k.startswith("heron-12_")}
    assert export_person(own, tmp_path / "out") == len(wanted) == 15
    assert tree(tmp_path / "out") == wanted
    assert export_person(own, tmp_path / "out.zip") == 15
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == wanted
    assert len(tree(tests)) == 20
    assert {p.name for p in tmp_path.iterdir()} == {"tests", "out", "out.zip"}


def test_an_export_never_goes_into_the_tests_nor_over_anything(tests: Path, tmp_path: Path) -> None:
    own = belongings(tests, "heron-12")
    (tmp_path / "there.zip").write_bytes(b"")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for target, words in (
        (tests / "out", "inside the folder of tests"),
        (tmp_path / "x" / ".." / "tests" / "out.zip", "inside the folder of tests"),
        (tmp_path / "there.zip", "there already"),
        (tmp_path / "dangling", "there already"),
        (tmp_path / "no" / "such.zip", "no such folder"),
    ):
        with pytest.raises(RecordingError, match=words):
            export_person(own, target)
    assert {p.name for p in tmp_path.iterdir()} == {"tests", "there.zip", "dangling"}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_export_and_delete_their_own_and_nothing_else(
    tests: Path, tmp_path: Path, tree: Tree, name: str
) -> None:
    before = tree(tests)
    make_test(tests, name)
    own = belongings(tests, name)
    assert len(own.tests) == 1
    export_person(own, tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert all(".." not in n.split("/") and not n.startswith("/") for n in archive.namelist())
        assert len(archive.namelist()) == 5
    delete_person(own)
    assert tree(tests) == before


def test_nobody_is_neither_exported_nor_deleted(tests: Path) -> None:
    make_result(tests / "nameless.json", "")
    for name in ("", "  "):
        with pytest.raises(SettingsError, match="--person"):
            belongings(tests, name)
    with pytest.raises(RecordingError, match="nothing of 'linnet-3'"):
        belongings(tests, "linnet-3")
