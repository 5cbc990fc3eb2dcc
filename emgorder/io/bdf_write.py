"""Recordings to BDF+: 24 bits a sample, every event an annotation, gaps filled and marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from emgorder.errors import RecordingError
from emgorder.files import replace_files
from emgorder.io.checks import check_writable, written_unit
from emgorder.io.edf_annotations import PAD, Annotation, annotations_of, gap_annotations, pack_annotations
from emgorder.io.edf_header import ANNOTATIONS, EdfHeader, EdfSignal, ascii_field, header_bytes, long_date
from emgorder.io.edf_layout import Digitised, Records, digitise, records_for
from emgorder.io.headers import tidy_labels
from emgorder.io.moments import moment_of
from emgorder.io.remarks import shown
from emgorder.io.sidecar import sidecar_path, sidecar_text
from emgorder.model import Recording
from emgorder.sidecar_keys import PERSON

__all__ = ["bdf_chunks", "start_of", "write_bdf"]

_CHUNK_RECORDS = 64
_SLOWEST_Hz, _FASTEST_Hz = 1e-3, 1e6
_MOST_RECORDS = 99_999_999


def write_bdf(recording: Recording, path: str | Path) -> tuple[Path, Path]:
    r"""Write a recording as BDF+ with its sidecar.

    The files are replaced together and whole. Each channel has the finest step of 1, 2 or 5 times a power of ten with
    which 24 bits hold it, at most half a step is lost, and decimals of a CSV stay as they are. BDF has no lost
    samples, no half records and not every rate: gaps are filled with a straight line and annotated ``BAD_gap`` (with
    ``@@`` and the label where one channel has a gap), the last record is filled and annotated ``BAD_pad``, and a rate
    that eight characters cannot state is stated to 2 parts in 10^7 or better. Nothing is resampled.
    Reading gives gaps and length back, and the sidecar the rate and all the rest.

    Parameters
    ----------
    recording : Recording
        What to write.
    path : str or Path
        Name of the file, ending in ``.bdf``. The sidecar has the same stem and ends in ``.json``; it is the one that
        the CSV of the same recording has.

    Returns
    -------
    tuple of Path
        The file and the sidecar.

    Raises
    ------
    RecordingError
        There are no samples, a sample or an event is infinite, the name does not end in ``.bdf``, or the files cannot
        be written.

    Examples
    --------
    >>> import tempfile
    >>> from emgorder import read_recording
    >>> from emgorder.model import Channel
    >>> recording = Recording(np.array([[1e-6], [np.nan], [2e-6]]), 1000.0, (Channel("GMAX_R", "GMAX", "R"),))
    >>> bdf, sidecar = write_bdf(recording, Path(tempfile.mkdtemp()) / "session.bdf")
    >>> read_recording(bdf).data[:, 0].tolist()
    [1e-06, nan, 2e-06]
    """
    path = Path(path)
    if path.suffix.lower() != ".bdf":
        raise RecordingError(f"{shown(path.suffix)} is not .bdf: give a name that ends in .bdf", path=path)
    chunks = bdf_chunks(recording, path)
    labels = tidy_labels([channel.label for channel in recording.channels])
    units = [written_unit(channel, path) for channel in recording.channels]
    sidecar = sidecar_path(path)
    replace_files({path: chunks, sidecar: [sidecar_text(recording, labels, units).encode("ascii")]})
    return path, sidecar


def bdf_chunks(recording: Recording, path: Path) -> Iterator[bytes]:
    """Return a recording as the bytes of a BDF+ file; whatever is wrong with it is raised here, not on iteration.

    `path` is named in errors.
    """
    check_writable(recording, path)
    labels = tidy_labels([channel.label for channel in recording.channels])
    units = [written_unit(channel, path) for channel in recording.channels]
    rate_Hz, n_samples = recording.sampling_frequency, recording.n_samples
    if not _SLOWEST_Hz <= rate_Hz <= _FASTEST_Hz:
        raise RecordingError(f"{rate_Hz:g} Hz: BDF can state {_SLOWEST_Hz:g} to {_FASTEST_Hz:g} Hz", path=path)
    records = records_for(rate_Hz, len(labels))
    n_records = -(-n_samples // records.n_per_record)
    if n_records > _MOST_RECORDS:
        raise RecordingError(f"{n_samples} samples at {rate_Hz:g} Hz are more records than BDF can count", path=path)
    signals = [digitise(x, unit) for x, unit in zip(recording.data.T, units, strict=True)]
    annotations = annotations_of(recording.events) + gap_annotations(recording, labels)
    n_pad = n_records * records.n_per_record - n_samples
    if n_pad:
        annotations.append(Annotation(n_samples / rate_Hz, n_pad / rate_Hz, PAD))
    packed = pack_annotations(annotations, n_records, float(records.record_s))
    return _chunks(_header(recording, labels, signals, records, packed), signals, records, packed)


def _header(
    recording: Recording, labels: list[str], signals: list[Digitised], records: Records, packed: list[bytes]
) -> EdfHeader:
    kept = recording.meta.get("Channels", {})
    described = []
    for channel, label, signal in zip(recording.channels, labels, signals, strict=True):
        said = kept.get(channel.label, {}) if isinstance(kept, Mapping) else {}
        said = said if isinstance(said, Mapping) else {}
        described.append(
            EdfSignal(
                label,
                records.n_per_record,
                signal.dimension,
                signal.physical_min,
                signal.physical_max,
                -signal.digital_max,
                signal.digital_max,
                transducer=str(said.get("transducer", "")),
                prefilter=str(said.get("prefilter", "")),
            )
        )
    marks = EdfSignal(ANNOTATIONS["BDF"], len(packed[0]) // 3, digital_min=-8388608, digital_max=8388607)
    start = start_of(recording.meta)
    person = next((str(recording.meta[key]) for key in PERSON if recording.meta.get(key)), "")
    model = str(recording.meta.get("ManufacturersModelName") or "")
    return EdfHeader(
        "BDF",
        "C",
        len(packed),
        records.record_s,
        (*described, marks),
        patient=f"{_word(person, 60)} X X X",
        recording=f"Startdate {long_date(start)} X X {_word(model, 40)}",
        start=start,
    )


def _word(text: str, longest: int) -> str:
    """Return a text as one word of a header, ``X`` where there is none."""
    return re.sub(r"\s+", "_", ascii_field(text.strip(), longest).decode("ascii").strip()) or "X"


def start_of(meta: Mapping[str, Any]) -> datetime | None:
    """Return when a recording began by its own clock, whole seconds, without a zone; None where nobody knows.

    Examples
    --------
    >>> start_of({"RecordingStarted": "2026-03-09T10:00:01.5+00:00"})
    datetime.datetime(2026, 3, 9, 10, 0, 1)
    """
    found = moment_of(meta)
    return None if found is None else found.replace(tzinfo=None, microsecond=0)


def _chunks(header: EdfHeader, signals: list[Digitised], records: Records, packed: list[bytes]) -> Iterator[bytes]:
    yield header_bytes(header)
    n = records.n_per_record
    for first in range(0, len(packed), _CHUNK_RECORDS):
        n_records = min(_CHUNK_RECORDS, len(packed) - first)
        parts = [_packed_counts(s, first * n, n_records, n) for s in signals]
        marks = np.frombuffer(b"".join(packed[first : first + n_records]), dtype=np.uint8)
        yield np.concatenate([*parts, marks.reshape(n_records, -1)], axis=1).tobytes()


def _packed_counts(signal: Digitised, first: int, n_records: int, n: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return records of one signal as bytes, the last filled up with its last value."""
    counts = signal.counts[first : first + n_records * n]
    missing = n_records * n - counts.size
    if missing:
        counts = np.concatenate([counts, np.full(missing, counts[-1], dtype=np.int32)])
    return counts.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].reshape(n_records, n * 3)
