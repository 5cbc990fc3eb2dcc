"""``emgorder report`` shows beside a session what it is given, and what a guided test has noted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import emgorder as eo
from emgorder.cli import main

PERSON = {"pseudonym": "heron-12", "posture": "prone", "Instructions": "Lift.", "Manufacturer": "board"}


def saved(folder: Path, name: str, seed: int, day: str, **session: float) -> Path:
    """Return a saved result of one person."""
    recording = eo.simulate_session(seed=seed, n_lifts=5, rest_s=3.0, outlier_share=0.0, **session)  # type: ignore[arg-type]
    dated = replace(recording, name=name, meta={**PERSON, "date": day})
    return eo.analyse(dated).to_json(folder / f"{name}.json")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two visits of a person and a set with a cue."""
    folder = tmp_path_factory.mktemp("results")
    (folder / "visits").mkdir()
    saved(folder / "visits", "first", 3, "2026-10-01", mean_difference_s=0.150)
    saved(folder / "visits", "second", 4, "2026-11-01", mean_difference_s=0.020)
    saved(folder, "cued", 5, "2026-11-01", mean_difference_s=-0.100)
    return folder


def test_cue_follow_up_and_exercises_are_in_the_page(results: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    second = results / "visits" / "second.json"
    plain = main(["report", str(second), "-o", str(page)])
    before = page.read_text(encoding="utf-8")
    more = ["--cued", str(results / "cued.json"), "--sessions", str(results / "visits"), "--exercise", "Bridge <2x10>"]
    assert main(["report", str(second), "-o", str(page), *more]) == plain
    after = page.read_text(encoding="utf-8")
    for shown in ("With the cue against without", "2026-10-01", "Bridge &lt;2x10&gt;"):
        assert shown in after
        assert shown not in before


def test_a_result_without_a_person_cannot_be_followed(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "nobody.json"
    plain = json.loads((results / "cued.json").read_text(encoding="utf-8"))
    del plain["meta"]["pseudonym"]
    path.write_text(json.dumps(plain), encoding="utf-8")
    assert main(["report", str(path), "-o", str(tmp_path / "o.html"), "--sessions", str(results)]) == 2
    assert "pseudonym" in capsys.readouterr().err


def test_the_result_of_a_guided_test_keeps_what_stands_beside_it(results: Path, tmp_path: Path) -> None:
    folder = tmp_path / "heron-12_20261101-100000"
    folder.mkdir()
    (folder / "result.json").write_bytes((results / "visits" / "second.json").read_bytes())
    (folder / "result-cued.json").write_bytes((results / "cued.json").read_bytes())
    about = {"plan": {"pseudonym": "heron-12"}, "exercises": ["Clam"], "started": "2026-11-01T10:00:00+00:00"}
    (folder / "test.json").write_text(json.dumps(about), encoding="utf-8")
    main(["report", str(folder / "result.json"), "-o", str(tmp_path / "page.html")])
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "With the cue against without" in page
    assert "Clam" in page


def test_a_result_file_says_what_the_report_says(results: Path) -> None:
    second = eo.read_result(results / "visits" / "second.json")
    said = json.loads((results / "visits" / "second.json").read_text(encoding="utf-8"))["report"]
    assert said["sides"][0]["sentence"].startswith("RIGHT:")
    assert said["activity"]["levels"][0]["percent_mvc"] is None
    assert said["standing"][0] == "Research and training tool. Not a diagnosis."
    assert len(said["lifts"]) == len(second.lift_results)
    assert "Surface EMG of" in said["methods"]
    assert said["bibtex"].startswith("@software{emgorder,")


def test_what_stands_beside_a_result_is_in_its_file(results: Path, tmp_path: Path) -> None:
    second = eo.read_result(results / "visits" / "second.json")
    beside = eo.Beside(cued=eo.read_result(results / "cued.json"), exercises=("Clam",))
    said = json.loads(second.to_json(tmp_path / "r.json", beside).read_text(encoding="utf-8"))["report"]
    assert said["exercises"] == ["Clam"]
    assert said["cue"][0]["difference_s"] < 0
    assert said["cue"][0]["sentences"][0].startswith("With the cue against without")
