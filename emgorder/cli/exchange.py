"""What ``emgorder export`` writes for other programs: BDF+ and BIDS."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

from emgorder.cli.console import say
from emgorder.errors import EmgOrderWarning, RecordingError
from emgorder.files import replace_files
from emgorder.io.bdf_write import bdf_chunks, write_bdf
from emgorder.io.bids_write import write_bids
from emgorder.model import Recording
from emgorder.report.display import display_text

__all__ = ["export_bdf", "export_bids"]

_NOTE_LIMIT = 1000


def export_bdf(recording: Recording, source: Path, bdf: Path, *, force: bool, changed: bool) -> None:
    """Write a recording as BDF+ and say so.

    The sidecar of the same stem may be that of `source` itself: it is left as it is, unless the recording was
    `changed` since it was read.

    Raises
    ------
    RecordingError
        Other files are there.
    """
    sidecar = bdf.with_suffix(".json")
    own = sidecar.exists() and sidecar.resolve() == source.with_suffix(".json").resolve()
    if own and not changed and source.suffix.lower() != ".emgj":
        chunks = list(bdf_chunks(recording, bdf))
        _refuse_others(source, {bdf: b"".join(chunks)}, force)
        replace_files({bdf: chunks})
    else:
        with tempfile.TemporaryDirectory() as folder:
            new = write_bdf(recording, Path(folder) / "new.bdf")
            _refuse_others(source, {bdf: new[0].read_bytes(), sidecar: new[1].read_bytes()}, force)
        write_bdf(recording, bdf)
    say(f"BDF+:      {bdf}")
    say(f"Sidecar:   {sidecar}")


def _refuse_others(source: Path, contents: dict[Path, bytes], force: bool) -> None:
    for path, data in contents.items():
        if not force and path.exists() and not (path.is_file() and path.read_bytes() == data):
            raise RecordingError(
                f"is there already and is not what {source.name} gives: it may have been edited. "
                "Give another name with --bdf, or --force to replace it",
                path=path,
            )


def export_bids(
    recording: Recording, root: Path, *, subject: str | None, session: str | None, task: str | None, dates: bool
) -> None:
    """Add a recording to a BIDS dataset and say where."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", EmgOrderWarning)
        path = write_bids(recording, root, subject=subject, session=session, task=task, dates=dates)
    say(f"BIDS:      {path}")
    for warning in told:
        say(f"Note:      {display_text(str(warning.message), _NOTE_LIMIT)}")
