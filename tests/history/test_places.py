"""The folder of tests."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from emgorder.errors import RecordingError
from emgorder.guided.plan import LiftPlan
from emgorder.history.places import list_tests, make_test_folder, read_about, write_about

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


def test_two_tests_of_one_second_get_folders_of_their_own(tmp_path: Path) -> None:
    plan = LiftPlan(pseudonym="Zoë")
    made = [make_test_folder(tmp_path / "new", plan, NOON) for _ in range(3)]
    assert [test.id for test in made] == ["zoe_20260301-120000", "zoe_20260301-120000-2", "zoe_20260301-120000-3"]
    assert {test.id for test in list_tests(tmp_path / "new")} == {test.id for test in made}


def test_what_is_added_is_kept_with_the_rest(tmp_path: Path) -> None:
    made = make_test_folder(tmp_path, LiftPlan(pseudonym="a"), NOON)
    write_about(write_about(made, {"exercises": ["clams"]}), {"other": 1})
    about = read_about(made.path)
    assert (about["exercises"], about["other"], about["plan"]["pseudonym"]) == (["clams"], 1, "a")


def test_a_damaged_description_hides_no_test(tmp_path: Path) -> None:
    made = make_test_folder(tmp_path, LiftPlan(pseudonym="a"), NOON)
    (made.path / "test.json").write_text("[", encoding="ascii")
    (found,) = list_tests(tmp_path)
    assert found.about == {}


def test_what_is_no_test_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()
    (tmp_path / "a_20260301-120000").write_text("a file", encoding="ascii")
    (tmp_path / "b_20260301-120000").symlink_to(tmp_path / "holiday")
    assert list_tests(tmp_path) == []
    assert list_tests(tmp_path / "nowhere") == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    with pytest.raises(RecordingError, match="cannot be made"):
        make_test_folder(tmp_path / "file", LiftPlan(pseudonym="a"), NOON)
