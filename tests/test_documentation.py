"""The documentation builds without a warning, its code runs, and it names only what exists."""

from __future__ import annotations

import contextlib
import doctest
import importlib.util
import io
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import emgorder
from emgorder.cli.main import make_parser
from emgorder.io import sidecar
from emgorder.io.journal_frames import KINDS
from tests.conftest import needs
from tests.rigs.script import load_script

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
MADE = {"_build", "firmware_notes"}  # by building
BENCHMARKS = DOCS / "benchmarks"  # made by what they measure
PAGES = sorted(path for path in DOCS.rglob("*.md") if not MADE & set(path.relative_to(DOCS).parts))
FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LIKE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def blocks(page: Path) -> list[tuple[str, str]]:
    """Return the fenced blocks of a page: language and text."""
    return FENCE.findall(page.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the built site."""
    needs("sphinx")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-d", folder / "cache", DOCS]
    done = subprocess.run([*command, folder / "html"], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-4000:]
    return folder / "html"


def test_the_site_builds_without_a_warning(site: Path) -> None:
    assert (site / "index.html").is_file()
    assert not [p for p in PAGES if not (site / p.relative_to(DOCS).with_suffix(".html")).is_file()]


def test_every_public_name_is_in_the_reference(site: Path) -> None:
    from sphinx.util.inventory import InventoryFile

    loaded = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="")
    assert {f"emgorder.{n}" for n in emgorder.__all__ if n != "__version__"} <= {
        name for kind, names in loaded.data.items() if kind.startswith("py:") for name in names
    }


@pytest.mark.parametrize(
    "page",
    [p for p in PAGES if p.parent != BENCHMARKS and any(kind == "python" for kind, _ in blocks(p))],
    ids=lambda p: p.stem,
)
def test_the_code_of_a_page_runs_and_prints_what_the_page_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "datasets").symlink_to(ROOT / "datasets")
    monkeypatch.chdir(tmp_path)
    if page.stem == "batch":  # begins where a batch of its reader's recordings is done
        (tmp_path / "recordings").mkdir()
        shutil.copy(ROOT / "datasets" / "clean_glute_first.csv", tmp_path / "recordings")
        emgorder.run_batch([tmp_path / "recordings" / "clean_glute_first.csv"], "results", root="recordings")
    names: dict[str, object] = {"__name__": "__main__"}
    printed = ""
    for kind, text in blocks(page):
        if kind == "python":
            with contextlib.redirect_stdout(io.StringIO()) as out:
                exec(compile(text, str(page), "exec"), names)
            printed = out.getvalue()
        elif kind == "text" and printed:
            assert doctest.OutputChecker().check_output(text, printed, LIKE), f"after\n{text}\nit prints\n{printed}"
            printed = ""


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_every_command_that_a_page_shows_is_understood(page: Path) -> None:
    shown = "".join(block for kind, block in blocks(page) if kind in ("", "sh")).replace("\\\n", " ")
    for line in shown.splitlines():
        words = shlex.split(line, comments=True)
        if words and words[0].endswith("emgorder"):
            try:
                make_parser().parse_args(words[1:])
            except SystemExit:
                pytest.fail(f"{page.name}: {line}")
    for command in re.findall(r"`emgorder (\w+)", page.read_text(encoding="utf-8")):
        assert command == "COMMAND" or f"\n    {command} " in make_parser().format_help(), f"{page.name}: {command}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_every_name_of_the_library_exists(page: Path) -> None:
    for name in re.findall(r"\beo\.(\w+)", page.read_text(encoding="utf-8")):
        assert hasattr(emgorder, name), f"{page.name}: eo.{name}"


def test_the_reference_of_the_command_line_is_current() -> None:
    kept = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    assert kept == load_script(DOCS / "make_commands.py").page(), "run python docs/make_commands.py"


def test_the_page_of_files_names_every_key_event_and_kind_of_record() -> None:
    page = (DOCS / "reference" / "files.md").read_text(encoding="utf-8")
    for key in (*sidecar._OWN_KEYS, *sidecar._CHANNEL_KEYS):
        assert f"`{key}`" in page
    for kind, number in KINDS.items():
        assert f"{number} {kind}" in page
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "emgorder").rglob("*.py"))
    marked = set(re.findall(r"\bmark\(\s*f?\"(\w+)", source)) | set(re.findall(r'\bkind (?:==|!=) "(\w+)"', source))
    events = set(re.findall(r"^\| `(\w+)(?:/\w+)?`", page.split("## Events")[1].split("## Sidecar")[0], re.MULTILINE))
    assert {"tap", "baseline", "pause"} <= marked & events
    assert events <= set(re.findall(r"\w+", source))


def test_the_citation_is_valid_and_of_this_version() -> None:
    needs("yaml")
    yaml = importlib.import_module("yaml")
    said = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert said["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(said)
    assert all("name" in author or "family-names" in author for author in said["authors"])
    assert said["version"] == emgorder.__version__
    assert said["type"] == "software"
    assert said["license"] == "MIT"


def test_the_comparison_names_functions_that_the_other_tools_have() -> None:
    page = (DOCS / "comparison.md").read_text(encoding="utf-8")
    biosppy = importlib.import_module("biosppy.signals.emg")
    names = set(re.findall(r"`(\w+_onset_detector|find_onsets)`", page))
    assert len(names) == 8
    assert all(hasattr(biosppy, name) for name in names)
    neurokit = importlib.import_module("neurokit2")
    said = neurokit.emg_activation.__doc__
    assert all(f'"{method}"' in said for method in ("threshold", "mixture", "pelt", "biosppy", "silva"))
    assert f"{len(emgorder.onset_methods())} methods" in page


def test_measured_figures_of_the_comparison_stand_in_the_tables() -> None:
    page, table = ((DOCS / name).read_text(encoding="utf-8") for name in ("comparison.md", "benchmarks/accuracy.md"))
    quoted = set(re.findall(r"\d+\.\d ± \d+\.\d", page))
    assert len(quoted) == 2
    assert not [figure for figure in quoted if figure not in table]


def test_links_out_of_the_firmware_notes_lead_to_the_same_places_from_their_copies() -> None:
    needs("sphinx")
    conf = load_script(DOCS / "conf.py")
    text = "[a](../../docs/app.md#x) [b](../emgo1.md) [c](figures.md) [d](https://example.org/../x)"
    moved = conf.with_moved_links(text, conf.NOTES / "emgo1" / "README.md", conf.COPIED / "emgo1" / "README.md")
    assert moved == "[a](../../app.md#x) [b](../emgo1.md) [c](figures.md) [d](https://example.org/../x)"


def test_a_name_in_a_docstring_has_to_exist_somewhere_in_the_package() -> None:
    needs("sphinx")
    conf = load_script(DOCS / "conf.py")
    assert conf.exists("emgorder.onset.baseline")
    assert conf.exists("emgorder.onset.baseline.coarse_step")
    assert conf.exists("coarse_step")
    assert not conf.exists("emgorder.onset.baseline.fine_step")
    assert not conf.exists("fine_step")
