"""Recordings to session CSV: strict, exact to the written digits, harmless in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np

from emgorder.errors import RecordingError
from emgorder.files import replace_files
from emgorder.io.checks import check_writable, written_unit
from emgorder.io.events import cells_from_events
from emgorder.io.headers import PER_VOLT, tidy_labels
from emgorder.io.remarks import shown
from emgorder.io.sidecar import sidecar_path, sidecar_text
from emgorder.model import FloatArray, Recording

__all__ = ["write_csv"]

_DIGITS = 10  # significant: holds every count of a 32-bit converter
_MAX_TIME_DECIMALS = 9  # nanoseconds; fewer where the step is a short decimal
_CHUNK_ROWS = 65536


def write_csv(recording: Recording, path: str | Path) -> tuple[Path, Path]:
    r"""Write a recording as session CSV with its sidecar.

    The files are replaced together and whole: if anything fails, the old ones stay as they were. Values have ten
    significant digits in each channel's ``display_unit``; a lost sample is an empty cell; labels are cut to 16 ASCII
    characters (the full label is kept in the sidecar). Reading the files and writing them again gives the same bytes.

    Parameters
    ----------
    recording : Recording
        What to write.
    path : str or Path
        Name of the CSV, ending in ``.csv``. The sidecar has the same stem and ends in ``.json``.

    Returns
    -------
    tuple of Path
        The CSV and the sidecar.

    Raises
    ------
    RecordingError
        There are no samples, a sample or an event is infinite, the name does not end in ``.csv``, or the files cannot
        be written.

    Examples
    --------
    >>> import tempfile
    >>> from emgorder.model import Channel
    >>> recording = Recording(np.array([[1e-6], [np.nan]]), 1000.0, (Channel("GMAX_R", "GMAX", "R"),))
    >>> csv, sidecar = write_csv(recording, Path(tempfile.mkdtemp()) / "session.csv")
    >>> csv.read_text()
    'time_s,GMAX_R_uV\n0.000,1\n0.001,\n'
    """
    path = Path(path)
    if path.suffix.lower() != ".csv":
        raise RecordingError(f"{shown(path.suffix)} is not .csv: give a name that ends in .csv", path=path)
    check_writable(recording, path)
    labels = tidy_labels([channel.label for channel in recording.channels])
    units = [written_unit(channel, path) for channel in recording.channels]
    values = recording.data * [PER_VOLT.get(unit, 1.0) for unit in units] + 0.0  # no negative zero
    headers = ["time_s", *(f"{label}_{unit}" for label, unit in zip(labels, units, strict=True))]
    cells = cells_from_events(recording.events, recording.sampling_frequency, recording.n_samples)
    has_events = not recording.events.empty
    sidecar = sidecar_path(path)
    replace_files(
        {
            path: _csv_chunks(headers, recording.sampling_frequency, values, cells if has_events else None),
            sidecar: [sidecar_text(recording, labels, units).encode("ascii")],
        }
    )
    return path, sidecar


def _time_decimals(sampling_frequency: float) -> int:
    """Return the decimals that hold every time exactly, or nanoseconds where none do."""
    rate = Fraction(repr(float(sampling_frequency)))
    exact = (n for n in range(1, _MAX_TIME_DECIMALS) if (10**n / rate).denominator == 1)
    return next(exact, _MAX_TIME_DECIMALS)


def _csv_chunks(
    headers: list[str], sampling_frequency: float, values: FloatArray, events: Mapping[int, str] | None
) -> Iterator[bytes]:
    yield (",".join([*headers, "event"] if events is not None else headers) + "\n").encode("ascii")
    time_format = f"%.{_time_decimals(sampling_frequency)}f"
    for start in range(0, len(values), _CHUNK_ROWS):
        block = values[start : start + _CHUNK_ROWS]
        times = np.arange(start, start + len(block)) / sampling_frequency
        columns = [[time_format % t for t in times.tolist()]]
        for signal in block.T.tolist():
            columns.append([f"%.{_DIGITS}g" % v if v == v else "" for v in signal])
        if events is not None:
            columns.append([_quoted(events.get(row, "")) for row in range(start, start + len(block))])
        yield ("\n".join(map(",".join, zip(*columns, strict=True))) + "\n").encode("utf-8")


def _quoted(text: str) -> str:
    if text.isspace() or any(character in text for character in ',"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text
