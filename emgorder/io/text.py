"""From the bytes of a file to text: encodings are recognised, what is no text is refused."""

from __future__ import annotations

import codecs
from pathlib import Path

from emgorder.errors import RecordingError
from emgorder.io.opening import read_bytes
from emgorder.io.remarks import Remarks

__all__ = ["load_text"]

_MAGIC = {
    b"\x1f\x8b": "compressed with gzip: unpack it first",
    b"BZh": "compressed with bzip2: unpack it first",
    b"\xfd7zXZ": "compressed with xz: unpack it first",
    b"PK\x03\x04": "an Excel workbook or a zip archive: save the sheet as CSV, or unpack it",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook: save the sheet as CSV",
    b"\xffBIOSEMI": "a BDF recording: give it the suffix .bdf",
    b"\x89HDF": "HDF5 or MATLAB 7.3: export it as CSV",
    b"MATLAB 5.0": "a MATLAB file: export it as CSV",
    b"PAR1": "Parquet: export it as CSV",
    b"%PDF": "a PDF document: export the samples as CSV",
}
_HEAD_BYTES = 65536
_MAX_CONTROL_SHARE = 0.01  # text has none but tab and line ends; random bytes have 0.1
_UTF16_NUL_SHARE = 0.8  # of every second byte: nearly all of a table is ASCII


def load_text(path: Path, remarks: Remarks) -> bytes:
    """Return the file as UTF-8 without byte order mark, lines ended by LF or CRLF.

    UTF-8, UTF-16 (with or without byte order mark) and, as a last resort, Windows-1252 are read.

    Parameters
    ----------
    path : Path
        The file.
    remarks : Remarks
        Takes what had to be assumed.

    Raises
    ------
    RecordingError
        The file is missing, empty, unreadable, or not text.
    """
    raw = read_bytes(path)
    for magic, kind in _MAGIC.items():
        if raw.startswith(magic):
            raise RecordingError(f"not a text table but {kind}", path=path)
    raw = _as_utf8(raw, path, remarks)
    raw = _without_nul_tail(raw, path, remarks)
    head = raw[:_HEAD_BYTES]
    n_control = len(head) - len(head.translate(None, bytes({*range(32), 127} - {9, 10, 13})))
    if n_control > _MAX_CONTROL_SHARE * len(head):
        raise RecordingError(
            f"not a text table ({n_control} control characters in the first {len(head)} bytes): export it as CSV",
            path=path,
        )
    return raw if b"\n" in raw else raw.replace(b"\r", b"\n")  # lone CR ended lines on old Macs


def _as_utf8(raw: bytes, path: Path, remarks: Remarks) -> bytes:
    if raw.startswith(codecs.BOM_UTF8):
        raw = raw[len(codecs.BOM_UTF8) :]
    wide = _utf16_flavour(raw)
    if wide:
        try:
            return raw.decode(wide).removeprefix("\ufeff").encode("utf-8")
        except UnicodeDecodeError as exc:
            raise RecordingError(
                f"broken {wide.upper()} text at byte {exc.start}: save it as UTF-8 CSV, or copy it again", path=path
            ) from exc
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as exc:
        row = raw.count(b"\n", 0, exc.start) + 1
        remarks.warn("encoding", f"byte {raw[exc.start]:#04x} is not UTF-8: file read as Windows-1252", row=row)
        return raw.decode("cp1252", errors="replace").encode("utf-8")
    return raw


def _utf16_flavour(raw: bytes) -> str:
    if raw.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if raw.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    even, odd = raw[0:_HEAD_BYTES:2], raw[1:_HEAD_BYTES:2]
    if odd.count(0) > _UTF16_NUL_SHARE * len(even) and not even.count(0):
        return "utf-16-le"
    if even.count(0) > _UTF16_NUL_SHARE * len(odd) and not odd.count(0):
        return "utf-16-be"
    return ""


def _without_nul_tail(raw: bytes, path: Path, remarks: Remarks) -> bytes:
    if b"\0" not in raw:
        return raw
    kept = raw.rstrip(b"\0")  # a recorder that lost power leaves blocks of NUL at the end
    at = kept.find(b"\0")
    if at >= 0 or not kept:
        raise RecordingError(
            "NUL byte: the file is damaged or not text: copy it again, or cut it before this row",
            path=path,
            row=raw.count(b"\n", 0, max(at, 0)) + 1,
        )
    remarks.warn(
        "nul tail",
        f"{len(raw) - len(kept)} NUL bytes at the end (the recorder lost power?): left out",
        row=kept.count(b"\n") + 1,
    )
    return kept
