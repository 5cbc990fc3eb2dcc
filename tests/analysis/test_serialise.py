"""A result survives JSON field by field; broken files are refused with what is wrong."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.analysis.result import SessionResult, read_result
from emgorder.analysis.serialise import from_plain, read_json, to_plain, write_json
from emgorder.analysis.settings import Settings
from emgorder.errors import EmgOrderError, RecordingError
from emgorder.model import LiftOrder, Onset, Posterior, Sync

finite_or_not = st.one_of(st.floats(-1e6, 1e6), st.just(math.nan))


@given(finite_or_not, finite_or_not, st.text(max_size=30), st.lists(st.floats(0, 9), max_size=5))
def test_an_onset_comes_back_as_it_was(time_s: float, low_s: float, reason: str, grid: list[float]) -> None:
    posterior = Posterior(np.array(grid), np.array(grid) + 1.0)
    onset = Onset(time_s=time_s, low_s=low_s, reason=reason, posterior=posterior)
    back = from_plain(Onset, json.loads(json.dumps(to_plain(onset), allow_nan=False)))
    assert back.time_s == time_s or (math.isnan(time_s) and math.isnan(back.time_s))
    assert back.low_s == low_s or (math.isnan(low_s) and math.isnan(back.low_s))
    assert back.reason == reason
    np.testing.assert_array_equal(back.posterior.grid_s, posterior.grid_s)
    np.testing.assert_array_equal(back.posterior.density, posterior.density)


def test_the_interval_of_an_offset_comes_back_and_is_unknown_in_older_results() -> None:
    plain = to_plain(Onset(offset_s=3.0, offset_low_s=2.9, offset_high_s=3.1))
    back = from_plain(Onset, json.loads(json.dumps(plain))).shifted(1.0)
    assert (back.offset_low_s, back.offset_s, back.offset_high_s) == pytest.approx((3.9, 4.0, 4.1))
    older = {key: value for key, value in plain.items() if key not in ("offset_low_s", "offset_high_s")}
    assert math.isnan(from_plain(Onset, older).offset_low_s)


def test_what_is_absent_stays_absent() -> None:
    assert from_plain(Onset, to_plain(Onset())).posterior is None


def test_keys_of_later_releases_are_ignored_and_missing_ones_default() -> None:
    assert from_plain(Sync, {"method": "tap", "colour": "red"}) == Sync(method="tap")
    assert from_plain(LiftOrder, {}).rope_s == LiftOrder().rope_s


def test_a_session_result_comes_back_with_the_same_tables(
    hamstring_first_result: SessionResult, tmp_path: Path
) -> None:
    result = hamstring_first_result
    back = read_result(result.to_json(tmp_path / "result.json"))
    assert back.lifts.equals(result.lifts)
    assert back.order.equals(result.order)
    assert back.summary.equals(result.summary)
    assert back.quality == result.quality
    assert back.settings == result.settings
    assert {f.name for f in fields(back)} == {f.name for f in fields(result)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not valid JSON"),
        ("[1, 2]", "not a result of emgorder"),
        ('{"schema": "other"}', "not a result of emgorder"),
        ('{"schema": "emgorder-result", "schema_version": 99}', "schema version 99"),
        ('{"schema": "emgorder-result", "schema_version": 1}', "not a whole result"),
        ('{"schema": "emgorder-result", "schema_version": 1, "lift_results": 3}', "not a whole result"),
    ],
)
def test_a_file_that_is_no_result_is_refused_by_name(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecordingError, match=said) as caught:
        read_result(path)
    assert caught.value.path == path


def test_a_missing_or_binary_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be read"):
        read_result(tmp_path / "nowhere.json")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00{")
    with pytest.raises(RecordingError, match="UTF-8"):
        read_result(tmp_path / "bytes.json")


def test_a_failed_write_leaves_the_old_file_and_no_scraps(tmp_path: Path) -> None:
    path = write_json({"a": 1}, tmp_path / "x.json")
    with pytest.raises(ValueError, match="JSON"):
        write_json({"a": math.nan}, path)
    assert json.loads(path.read_text(encoding="utf-8")) == {"a": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["x.json"]


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no such folder"):
        write_json({}, tmp_path / "nowhere" / "x.json")


def test_half_a_character_in_a_name_is_written_and_read_back(tmp_path: Path) -> None:
    assert read_json(write_json({"pseudonym": "a\udcff"}, tmp_path / "a.json")) == {"pseudonym": "a\udcff"}


def test_half_a_character_in_a_label_keeps_no_result_from_its_tables(
    hamstring_first_result: SessionResult, tmp_path: Path
) -> None:
    file = hamstring_first_result.to_json(tmp_path / "result.json")
    plain = json.loads(file.read_text(encoding="utf-8"))
    plain["lift_results"][0]["muscles"][0]["channel"] = "GMAX\ud800"
    file.write_text(json.dumps(plain), encoding="ascii")
    assert read_result(file).lifts["channel"][0] == "GMAX?"


def set_at(plain: dict[str, Any], path: Sequence[str | int], value: object) -> None:
    place: Any = plain
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value


DAMAGE: list[tuple[tuple[str | int, ...], object]] = [
    (("sides", 0, "verdict"), "<script>"),
    (("sides", 0, "side"), "X"),
    (("sides", 0, "n_valid"), "many"),
    (("sides", 0, "n_valid"), True),
    (("sides", 0, "difference_s"), 10**400),
    (("sides", 0, "difference_s"), "0.1"),
    (("sides", 0, "rope_s"), None),
    (("sides",), "abc"),
    (("meta",), [1]),
    (("notes",), [{"a": 1}]),
    (("quality",), [{"channel": "a", "kind": "snr", "severity": "boom", "message": "m", "remedy": "r"}]),
    (("lift_results", 0), None),
    (("lift_results", 0, "lift", "number"), "=cmd()"),
    (("lift_results", 0, "valid"), "yes"),
    (("lift_results", 0, "muscles", 0, "onset", "posterior"), {"grid_s": [3, 2], "density": ["x", 1]}),
    (("settings", "method"), "nosuch"),
]


@pytest.mark.parametrize(("path", "value"), DAMAGE, ids=lambda v: ".".join(map(str, v)) if isinstance(v, tuple) else "")
def test_a_value_of_the_wrong_kind_is_refused_by_name(
    hamstring_first_result: SessionResult, tmp_path: Path, path: tuple[str | int, ...], value: object
) -> None:
    file = hamstring_first_result.to_json(tmp_path / "result.json")
    plain = json.loads(file.read_text(encoding="utf-8"))
    set_at(plain, path, value)
    file.write_text(json.dumps(plain), encoding="utf-8")
    with pytest.raises(EmgOrderError, match=str([k for k in path if isinstance(k, str)][-1])):
        read_result(file)


@pytest.mark.parametrize("edge", [{"highpass_Hz": "x", "lowpass_Hz": None, "crosstalk": 5, "crosstalk_left": 3}, {}])
def test_a_strange_conditioning_is_read_and_reported(
    hamstring_first_result: SessionResult, tmp_path: Path, edge: dict[str, object]
) -> None:
    file = hamstring_first_result.to_json(tmp_path / "result.json")
    plain = json.loads(file.read_text(encoding="utf-8"))
    plain["conditioning"] = edge
    file.write_text(json.dumps(plain), encoding="utf-8")
    assert read_result(file).to_html(tmp_path / "report.html").stat().st_size > 1000


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        '{"schema": "emgorder-result", "schema_version": 1, "x": ' + "9" * 6000 + "}",
        '{"schema": "emgorder-result", "schema_version": true}',
        '{"schema": "emgorder-result", "schema_version": 1.0}',
        '{"schema": "emgorder-result", "schema_version": [1]}',
    ],
    ids=["deep", "long number", "true", "1.0", "list"],
)
def test_json_that_no_program_writes_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecordingError, match=r"result\.json"):
        read_result(path)


@pytest.mark.parametrize("notch", [60, 50.0, "auto", "off"])
def test_a_notch_that_was_given_comes_back_with_the_result(notch: float | str, tmp_path: Path) -> None:
    result = SessionResult((), (), (), Settings(notch=notch))  # type: ignore[arg-type]
    assert read_result(result.to_json(tmp_path / "result.json")).settings == result.settings


def test_a_setting_out_of_range_in_a_file_is_refused_with_the_file(tmp_path: Path) -> None:
    path = SessionResult((), (), (), Settings()).to_json(tmp_path / "result.json")
    path.write_text(path.read_text(encoding="utf-8").replace('"rope_s": 0.03', '"rope_s": 30.0'), encoding="utf-8")
    with pytest.raises(RecordingError, match="rope_s") as caught:
        read_result(path)
    assert str(path) in str(caught.value)
