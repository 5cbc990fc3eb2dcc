"""The published form of result files."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

import emgorder as eo
from emgorder.analysis.schema import result_schema

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "result.schema.json"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    path = tmp_path_factory.mktemp("result") / "result.json"
    eo.analyse(eo.simulate_session(seed=1, n_lifts=3)).to_json(path)
    content = json.loads(path.read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


def test_the_published_schema_is_that_of_this_release() -> None:
    assert json.loads(PUBLISHED.read_text(encoding="ascii")) == result_schema()


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(result_schema())


def test_a_result_fits_the_schema(written: dict[str, object]) -> None:
    jsonschema.validate(written, result_schema())


def test_a_result_without_lifts_fits_it_too(tmp_path: Path) -> None:
    empty = eo.SessionResult((), (), (), eo.Settings())
    jsonschema.validate(json.loads(empty.to_json(tmp_path / "r.json").read_text()), result_schema())


@pytest.mark.parametrize(
    "change", [{"schema": "other"}, {"lift_results": 3}, {"sides": [{"side": "X"}]}, {"duration_s": "long"}]
)
def test_something_else_does_not(written: dict[str, object], change: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**written, **change}, result_schema())
