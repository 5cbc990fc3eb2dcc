"""The folder of tests: a folder a test, with its recordings, its plan, its result and its report."""

from __future__ import annotations

import contextlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from emgorder.errors import MissingExtraError, RecordingError
from emgorder.files import replace_files, why_not_written
from emgorder.history import texts as t
from emgorder.json_text import load_json

__all__ = [
    "ABOUT",
    "CUED",
    "REPORT",
    "RESULT",
    "Plan",
    "StoredTest",
    "default_folder",
    "drop_empty",
    "is_test_folder",
    "is_there",
    "list_tests",
    "make_test_folder",
    "read_about",
    "slug",
    "write_about",
]

ABOUT, RESULT, REPORT = "test.json", "result.json", "report.html"
CUED = "-cued"
"""In the names of recordings of a set with a cue to the glute, which has a result of its own."""
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}_\d{8}-\d{6}(?:-\d{1,3})?")
_SHOWN = 200


class Plan(Protocol):
    """What a folder of a test has to know of what is to be done."""

    @property
    def pseudonym(self) -> str:
        """Of the person."""

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as JSON can hold it."""


@dataclass(frozen=True, slots=True)
class StoredTest:
    """A test in the folder of tests.

    Attributes
    ----------
    id : str
        Name of its folder.
    path : Path
        Where that is.
    about : mapping
        What ``test.json`` says of it; empty where that cannot be read.
    """

    id: str
    path: Path
    about: Mapping[str, Any]

    @property
    def journals(self) -> tuple[Path, ...]:
        """Its recordings as they came, in the order they were made."""
        return tuple(sorted(self.path.glob("*.emgj"), key=lambda p: (p.stat().st_mtime, p.name)))

    @property
    def pseudonym(self) -> str:
        """Who was tested, the id where that is not known."""
        plan = self.about.get("plan")
        return str(plan.get("pseudonym", "") if isinstance(plan, Mapping) else "") or self.id

    @property
    def finished(self) -> bool:
        """Whether it has a result."""
        return (self.path / RESULT).is_file()


def default_folder() -> Path:
    """Return where tests are kept unless somebody says otherwise: ``emgorder`` in the user's documents.

    Raises
    ------
    MissingExtraError
        platformdirs is not installed.
    """
    try:
        import platformdirs
    except ImportError as error:
        raise MissingExtraError("platformdirs", "app") from error
    return platformdirs.user_documents_path() / "emgorder"


def slug(text: str) -> str:
    """Return a name for a folder: lower case ASCII letters, digits and hyphens, whatever `text` is.

    Examples
    --------
    >>> slug("Zoë / ../<b>"), slug("心")
    ('zoe-b', 'test')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "test"


def make_test_folder(folder: Path, plan: Plan, now: datetime) -> StoredTest:
    """Make the folder of a new test, with its plan in it.

    Raises
    ------
    RecordingError
        It cannot be made.
    """
    stem = f"{slug(plan.pseudonym)}_{now:%Y%m%d-%H%M%S}"
    for number in range(1, 1000):
        path = folder / (stem if number == 1 else f"{stem}-{number}")
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise RecordingError(f"cannot be made: {why_not_written(error)}", path=path) from error
        stored = StoredTest(path.name, path, {"plan": plan.to_dict(), "started": now.isoformat(timespec="seconds")})
        write_about(stored, {})
        return stored
    raise RecordingError("holds a thousand tests of this second: choose another folder", path=folder)


def drop_empty(stored: StoredTest) -> None:
    """Remove the folder of a test that was left before anything was recorded; one that holds more is kept."""
    with contextlib.suppress(OSError):
        if [path.name for path in stored.path.iterdir()] == [ABOUT]:
            (stored.path / ABOUT).unlink()
            stored.path.rmdir()


def read_about(path: Path) -> dict[str, Any]:
    """Return what ``test.json`` in a folder says; empty where there is none or it is damaged."""
    try:
        about = load_json((path / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}


def write_about(stored: StoredTest, more: Mapping[str, Any]) -> StoredTest:
    """Add to what is known of a test, on disk too."""
    about = {**stored.about, **more}
    text = json.dumps(about, indent=1, sort_keys=True)
    replace_files({stored.path / ABOUT: [text.encode("ascii")]})
    return StoredTest(stored.id, stored.path, about)


def is_there(path: Path) -> bool:
    """Return whether there is a file, no link, that can be seen."""
    try:
        return path.is_file() and not path.is_symlink()
    except OSError:
        return False


def is_test_folder(path: Path) -> bool:
    """Return whether this is the folder of a test: by its name, and no link to elsewhere."""
    return bool(_ID.fullmatch(path.name)) and path.is_dir() and not path.is_symlink()


def list_tests(folder: Path) -> list[StoredTest]:
    """Return the tests in a folder, the latest first; whatever else is there is passed over.

    Parameters
    ----------
    folder : Path
        The folder of tests; one that is not there holds none.

    Raises
    ------
    RecordingError
        The folder cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "heron-12_20260504-093000").mkdir()
    >>> [(test.id, test.finished) for test in list_tests(folder)]
    [('heron-12_20260504-093000', False)]
    """
    try:
        if not folder.is_dir():
            return []
        named = [p for p in folder.iterdir() if is_test_folder(p)]
    except OSError as error:
        raise RecordingError(t.FOLDER_UNREADABLE.format(reason=error.strerror), path=folder) from error
    found = [StoredTest(p.name, p, read_about(p)) for p in named]
    return sorted(found, key=lambda test: (str(test.about.get("started", "")), test.id), reverse=True)[:_SHOWN]
