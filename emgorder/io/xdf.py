"""XDF files of Lab Streaming Layer, as far as their streams: checked chunk by chunk, then read by pyxdf.

Layout after the specification at github.com/sccn/xdf: ``XDF:``, then chunks of ``[length][tag u16][content]``; tag 1 is
the file header, 2 a stream header (XML), 3 samples, 4 a clock offset, 5 a boundary to find the next chunk by, 6 a
stream footer.
"""

from __future__ import annotations

import gzip
import io
import logging
import math
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from emgorder.errors import MissingExtraError, RecordingError
from emgorder.io.moments import moment_of
from emgorder.io.opening import read_bytes
from emgorder.io.remarks import Remarks, counted
from emgorder.model import FloatArray

__all__ = ["XdfStream", "read_xdf_streams"]

_MAGIC = b"XDF:"
_BOUNDARY = bytes.fromhex("43a546dccbf5410fb30ed5467383cbe4")
_SIZES = {"double64": 8, "float32": 4, "int64": 8, "int32": 4, "int16": 2, "int8": 1, "string": 2}
_MAX_CHANNELS = 1024
_ZONE = re.compile(r"([+-]\d\d)(\d\d)$")
_LATEST_S = 1e11  # seconds since 1970 are less for three thousand years
_MAX_UNPACKED, _MAX_RATIO = 1 << 26, 100  # bytes of an .xdfz, and times its size: a bomb would fill the memory


@dataclass(frozen=True, eq=False, slots=True)
class XdfStream:
    """One stream, its times on the recorder's clock.

    ``values`` has shape (n_samples, n_channels); ``texts`` holds the first channel of a stream of words instead.
    ``rate_Hz`` is 0 where the stream names none; ``offsets`` counts the comparisons of its clock with the recorder's.
    """

    name: str
    kind: str
    host: str
    rate_Hz: float
    labels: tuple[str, ...]
    units: tuple[str, ...]
    kinds: tuple[str, ...]
    time_s: FloatArray
    values: FloatArray
    texts: tuple[str, ...]
    offsets: int
    description: Mapping[str, str]

    @property
    def has_numbers(self) -> bool:
        """Whether there are samples that are no words."""
        return self.values.size > 0


def read_xdf_streams(path: Path, remarks: Remarks) -> tuple[list[XdfStream], str]:
    """Return the streams of an XDF file (``.xdf``, or ``.xdfz`` that gzip compressed), and when it was begun.

    Chunks that are torn or make no sense are left out and said.

    Raises
    ------
    RecordingError
        It is no XDF file, or holds no stream.
    MissingExtraError
        pyxdf is not installed.
    """
    try:
        import pyxdf
    except ImportError as error:
        raise MissingExtraError("pyxdf", "formats") from error
    content, headers = _checked(_bytes(path), path, remarks)
    if not headers:
        raise RecordingError("holds no stream: was anything chosen in LabRecorder? Record again", path=path)
    with _collected(logging.getLogger("pyxdf")) as said:
        try:
            found, head = pyxdf.load_xdf(io.BytesIO(content), dejitter_timestamps=False)
        except Exception as exc:  # whatever a damaged file makes of pyxdf
            raise RecordingError(
                f"cannot be understood ({exc}): copy the file again, or export CSV", path=path
            ) from exc
    for message in said:
        if "clock-segments differ" not in message:  # so it says of each stream without clock offsets
            remarks.warn(f"pyxdf {message}", f"pyxdf: {message.strip()[:200]}")
    return [_stream(entry) for entry in found], _begun(head)


def _begun(head: Mapping[str, Any] | None) -> str:
    """Return when LabRecorder began the file, as a sidecar says it; empty where it does not tell, or is damaged."""
    info = head.get("info") if isinstance(head, Mapping) else None
    said = _ZONE.sub(r"\1:\2", _text(info, "datetime") if isinstance(info, Mapping) else "")
    moment = moment_of({"RecordingStarted": said})
    return "" if moment is None else moment.isoformat()


def _bytes(path: Path) -> bytes:
    raw = read_bytes(path)
    if raw.startswith(b"\x1f\x8b"):
        most = max(_MAX_UNPACKED, _MAX_RATIO * len(raw))
        try:
            with gzip.open(io.BytesIO(raw)) as packed:
                raw = packed.read(most + 1)
        except (OSError, EOFError, zlib.error) as exc:
            raise RecordingError(f"broken gzip ({exc}): copy the file again", path=path) from exc
        if len(raw) > most:
            raise RecordingError(
                f"unpacks to more than {most >> 20} MiB, which no recording does: unpack it yourself if you trust it",
                path=path,
            )
    if not raw.startswith(_MAGIC):
        raise RecordingError(f"is no XDF file (it begins with {raw[:4]!r}): give the file of LabRecorder", path=path)
    return raw


@dataclass(slots=True)
class _Checker:
    """Which chunks make sense, given the stream headers so far."""

    widths: dict[int, tuple[int, int, bool]] = field(default_factory=dict)  # channels, least bytes a value, words

    def accepts(self, tag: int, content: bytes) -> bool:
        if tag == 1:
            return _xml(content) is not None
        if tag not in (2, 3, 4, 6) or len(content) < 4:
            return False
        (stream,) = struct.unpack_from("<I", content)
        if tag == 2:
            return self._takes_header(stream, content[4:])
        if stream not in self.widths:
            return False
        if tag == 3:
            return self._fits(stream, content[4:])
        if tag == 4:
            return len(content) == 20 and all(map(math.isfinite, struct.unpack_from("<dd", content, 4)))
        footer = _xml(content[4:])
        count = None if footer is None else footer.findtext("sample_count")
        return footer is not None and (count is None or count.strip().isdigit())

    def _takes_header(self, stream: int, content: bytes) -> bool:
        header = _xml(content)
        if header is None or stream in self.widths or header.tag != "info" or header.findtext("name") is None:
            return False
        try:
            n_channels = int(header.findtext("channel_count") or "")
            rate_Hz = float(header.findtext("nominal_srate") or "")
        except ValueError:
            return False
        kind = header.findtext("channel_format") or ""
        size = _SIZES.get(kind, 0)
        if not (1 <= n_channels <= _MAX_CHANNELS and 0 <= rate_Hz < 1e6 and size):
            return False
        self.widths[stream] = n_channels, size, kind == "string"
        return True

    def _fits(self, stream: int, content: bytes) -> bool:
        """Whether as many samples as a chunk announces stand in it, each behind a flag and a time that can be."""
        n_channels, size, words = self.widths[stream]
        n_samples, at = _length(content, 0)
        if at == 0 or n_samples * (1 + n_channels * size) > len(content) - at:
            return False
        if words:
            return True
        width = n_channels * size
        if len(content) - at == n_samples * (9 + width):  # every sample has its time, as a rule
            rows = np.frombuffer(content, np.uint8, offset=at).reshape(n_samples, 9 + width)
            stamps = rows[:, 1:9].copy().view("<f8")
            return bool(np.all(rows[:, 0] == 8) and np.all(np.abs(stamps) < _LATEST_S))
        for _ in range(n_samples):
            flag = content[at] if at < len(content) else -1
            if flag == 8 and at + 9 <= len(content):
                if not abs(struct.unpack_from("<d", content, at + 1)[0]) < _LATEST_S:
                    return False
                at += 9 + width
            elif flag == 0:
                at += 1 + width
            else:
                return False
        return at == len(content)


def _checked(raw: bytes, path: Path, remarks: Remarks) -> tuple[bytes, dict[int, tuple[int, int, bool]]]:
    """Return the file with its sound chunks only, and the streams they describe."""
    checker = _Checker()
    kept = [_MAGIC]
    at, n_bad = len(_MAGIC), 0
    while at < len(raw):
        length, start = _length(raw, at)
        end = start + length
        if start == 0 or length < 2 or end > len(raw):
            following = raw.find(_BOUNDARY, at)
            n_bad += 1
            if following < 0:
                remarks.warn(
                    "torn", f"the file ends within a chunk, {len(raw) - at} bytes from its end: these are lost"
                )
                break
            at = following + len(_BOUNDARY)
            continue
        (tag,) = struct.unpack_from("<H", raw, start)
        if checker.accepts(tag, raw[start + 2 : end]):
            kept.append(raw[at:end])
        elif tag != 5:
            n_bad += 1
        at = end
    if n_bad:
        remarks.warn(
            "bad chunks", f"{counted(n_bad, 'chunk')} of the file made no sense: left out, samples may be lost"
        )
    return b"".join(kept), checker.widths


def _length(raw: bytes, at: int) -> tuple[int, int]:
    """Return a number of variable length and where the content begins, (0, 0) where there is none."""
    size = raw[at] if at < len(raw) else 0
    if size not in (1, 4, 8) or at + 1 + size > len(raw):
        return 0, 0
    return int.from_bytes(raw[at + 1 : at + 1 + size], "little"), at + 1 + size


def _xml(content: bytes) -> ElementTree.Element | None:
    """Return the XML in a chunk, None where it is none or declares entities."""
    if b"<!" in content:  # a document type: entities could grow without end
        return None
    try:
        return ElementTree.fromstring(content.decode("utf-8", errors="replace"))
    except (ElementTree.ParseError, ValueError):
        return None


@contextmanager
def _collected(logger: logging.Logger) -> Iterator[list[str]]:
    """Collect what a library logs instead of printing it."""
    said: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    propagates, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield said
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagates


def _stream(entry: Mapping[str, Any]) -> XdfStream:
    info = entry["info"]
    described = _first(info.get("desc"))
    n_channels = int(_text(info, "channel_count"))
    listed = _first(described.get("channels")).get("channel") if described else None
    channels = [c if isinstance(c, Mapping) else {} for c in (listed or [])][:n_channels]
    channels += [{}] * (n_channels - len(channels))
    words = _text(info, "channel_format") == "string"
    series = entry["time_series"]
    maker = {key: _text(_first(described.get("acquisition")) or described, key) for key in ("manufacturer", "model")}
    return XdfStream(
        name=_text(info, "name"),
        kind=_text(info, "type"),
        host=_text(info, "hostname"),
        rate_Hz=float(_text(info, "nominal_srate")),
        labels=tuple(_text(c, "label") or f"ch{i}" for i, c in enumerate(channels, 1)),
        units=tuple(_text(c, "unit") for c in channels),
        kinds=tuple(_text(c, "type") for c in channels),
        time_s=np.asarray(entry["time_stamps"], dtype=np.float64),
        values=np.empty((0, n_channels)) if words else np.asarray(series, dtype=np.float64).reshape(-1, n_channels),
        texts=tuple(str(sample[0]) for sample in series) if words else (),
        offsets=len(entry["clock_times"]),
        description={key: value for key, value in maker.items() if value},
    )


def _first(values: object) -> Mapping[str, Any]:
    """Return the first entry of a list of elements, empty where it has none of its own."""
    first = values[0] if isinstance(values, list) and values else None
    return first if isinstance(first, Mapping) else {}


def _text(element: Mapping[str, Any], key: str) -> str:
    values = element.get(key)
    first = values[0] if isinstance(values, list) and values else None
    return " ".join(first.split())[:64] if isinstance(first, str) else ""
