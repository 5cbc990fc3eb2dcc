"""The one door through which recordings are read, whatever their format."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from pkgutil import resolve_name
from typing import Protocol

from emgorder.errors import RecordingError
from emgorder.files import is_folder, refuse_stream
from emgorder.io.channels import check_muscles, read_unit
from emgorder.io.csv_read import read_csv
from emgorder.io.remarks import shown
from emgorder.io.timecolumn import check_rate
from emgorder.io.vendor import vendor_reader
from emgorder.model import Recording

__all__ = ["Reader", "read_recording", "readable_suffixes", "register_reader"]


class Reader(Protocol):
    """Reads files of one kind."""

    def __call__(
        self, path: Path, *, sampling_frequency: float | None, muscles: Mapping[str, str] | None, unit: str | None
    ) -> Recording:
        """Return the recording at `path`; parameters as in :func:`read_recording`."""
        ...


_READERS: dict[str, Reader | str] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".txt": read_csv,
    ".c3d": "emgorder.io.c3d:read_c3d",
}


def register_reader(suffix: str, reader: Reader | str) -> None:
    """Have files that end in `suffix` read by `reader`, for formats that need more than files to be understood.

    A reader that is named, ``"module:function"``, is imported with the first file that it has to read.
    """
    _READERS[suffix] = reader


def readable_suffixes() -> tuple[str, ...]:
    """Return the endings of files for which there is a reader, tables first."""
    return tuple(_READERS)


def read_recording(
    path: str | Path,
    *,
    sampling_frequency: float | None = None,
    muscles: Mapping[str, str] | None = None,
    unit: str | None = None,
) -> Recording:
    r"""Read a recording.

    A bare table is enough: delimiter, decimal sign, encoding, units in the headers and the rate are found out. A
    sidecar of the same stem (``session.json`` beside ``session.csv``) adds what the table cannot say. Whatever is
    repaired or assumed is said, with row and column: repairs as warnings, and all of it in ``Recording.notes``.
    Text files of OpenSignals (BITalino, PLUX), the OpenBCI GUI, Chords and the Myo are known by their content.

    Parameters
    ----------
    path : str or Path
        A ``.csv``, ``.tsv`` or ``.txt`` file (also of a vendor), the journal (``.emgj``) of a recording, a ``.bdf`` or
        ``.edf`` file, with or without plus (one in a BIDS dataset comes with all that the dataset says of it), a file
        of Lab Streaming Layer (``.xdf``) or of motion capture (``.c3d``, its analog channels).
    sampling_frequency : float, optional
        Hz; needed where a table has neither a time column nor a sidecar. Has to agree with the time column if there
        is one.
    muscles : mapping of str to str, optional
        Muscle (with or without side) to column label: ``{"GMAX": "ch1", "BF_R": "ch3"}``. Only these columns then have
        a ``target_muscle``. By default muscles are told from the labels.
    unit : {"V", "mV", "uV", "au"}, optional
        Unit of all signals, over what headers and sidecar say.

    Returns
    -------
    Recording
        Data in volts, or in arbitrary units where the unit is unknown. Times count from the first row.

    Raises
    ------
    RecordingError
        The file cannot be read as a recording; the message says where, why, and what to do.
    SettingsError
        An argument makes no sense.

    Warns
    -----
    EmgOrderWarning
        Something was repaired: once a kind, with the first place and how many more there are.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "session.csv"
    >>> _ = path.write_text("time_s,GMAX_R_uV,BF_R_uV\n0.000,1.5,-2\n0.001,0.5,3\n")
    >>> recording = read_recording(path)
    >>> recording.sampling_frequency, recording.channels[0].target_muscle, recording.data[0].tolist()
    (1000.0, 'GMAX', [1.5e-06, -2e-06])
    """
    check_rate(sampling_frequency)
    read_unit(unit)
    check_muscles(muscles)
    path = Path(path)
    reader = _READERS.get(path.suffix.lower())
    if is_folder(path):
        raise RecordingError("is a folder: name one file in it", path=path)
    refuse_stream(path)
    if reader is None:
        known = ", ".join(_READERS)
        raise RecordingError(
            f"no reader for files that end in {shown(path.suffix)}: give a file that ends in {known}", path=path
        )
    if reader is read_csv:
        reader = vendor_reader(path) or read_csv
    read: Reader = resolve_name(reader) if isinstance(reader, str) else reader
    rate_Hz = None if sampling_frequency is None else float(sampling_frequency)
    return read(path, sampling_frequency=rate_Hz, muscles=muscles, unit=unit)
