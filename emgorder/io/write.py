"""The one door through which recordings are written, whatever their format."""

from __future__ import annotations

from pathlib import Path

from emgorder.arguments import require_kind
from emgorder.errors import RecordingError
from emgorder.io.bdf_write import write_bdf
from emgorder.io.csv_write import write_csv
from emgorder.io.remarks import shown
from emgorder.model import Recording

__all__ = ["write_recording"]

_WRITERS = {".csv": write_csv, ".bdf": write_bdf}


def write_recording(recording: Recording, path: str | Path) -> tuple[Path, Path]:
    r"""Write a recording with its sidecar, in the format that the name asks for.

    ``.csv`` is the session CSV: ten significant digits in each channel's ``display_unit``, a lost sample is an empty
    cell. ``.bdf`` is BDF+ for other programs: 24 bits, events and gaps as annotations
    (:func:`emgorder.io.bdf_write.write_bdf`). Labels are cut to 16 ASCII characters (the full label is kept in the
    sidecar). The files are replaced together and whole: if anything fails, the old ones stay as they were.

    Parameters
    ----------
    recording : Recording
        What to write.
    path : str or Path
        Name of the file, ending in ``.csv`` or ``.bdf``. The sidecar has the same stem and ends in ``.json``.

    Returns
    -------
    tuple of Path
        The file and the sidecar.

    Raises
    ------
    RecordingError
        There are no samples, a sample or an event is infinite, the name ends otherwise, or the files cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from emgorder.model import Channel
    >>> recording = Recording(np.array([[1e-6], [np.nan]]), 1000.0, (Channel("GMAX_R", "GMAX", "R"),))
    >>> csv, sidecar = write_recording(recording, Path(tempfile.mkdtemp()) / "session.csv")
    >>> csv.read_text()
    'time_s,GMAX_R_uV\n0.000,1\n0.001,\n'
    """
    require_kind(recording, Recording, key="recording", what="recording", remedy="give an emgorder.Recording")
    path = Path(path)
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        known = " or ".join(_WRITERS)
        raise RecordingError(f"{shown(path.suffix)} is not {known}: give a name that ends in {known}", path=path)
    return writer(recording, path)
