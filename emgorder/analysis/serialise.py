"""A result as JSON and back, field by field, without loss."""

from __future__ import annotations

import json
import math
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import NoneType
from typing import Any

import numpy as np

from emgorder.errors import RecordingError
from emgorder.files import refuse_stream, replace_files
from emgorder.json_text import load_json
from emgorder.model import FloatArray

__all__ = ["TRANSIENT", "from_plain", "read_json", "to_plain", "write_json"]

TRANSIENT = "transient"
"""Key in the metadata of a field that lives in memory only."""


def to_plain(value: Any) -> Any:
    """Turn nested dataclasses, arrays and numbers into what JSON knows; a number that is not finite becomes None.

    Examples
    --------
    >>> from emgorder.model import Sync
    >>> to_plain({"clock": Sync("tap", 0.004, 0.001), "lag_s": math.nan})
    {'clock': {'method': 'tap', 'offset_s': 0.004, 'sd_s': 0.001}, 'lag_s': None}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in fields(value) if not f.metadata.get(TRANSIENT)}
    if isinstance(value, np.ndarray):
        return [to_plain(v) for v in value.tolist()]
    if isinstance(value, np.generic):
        return to_plain(value.item())
    if isinstance(value, Mapping):
        return {str(k): to_plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def from_plain(kind: Any, plain: Any) -> Any:
    """Build a value of type `kind` from what :func:`to_plain` made; unknown keys are ignored, missing ones default.

    Raises
    ------
    RecordingError
        A required field is missing or has the wrong shape; the message names it.
    """
    origin = typing.get_origin(kind)
    arguments = typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        if plain is None and type(None) in arguments:
            return None
        kinds = [a for a in arguments if a is not type(None)]
        words = [a for a in kinds if typing.get_origin(a) is typing.Literal]
        named = any(plain in typing.get_args(a) for a in words)  # "auto", or a number
        return from_plain(next((a for a in kinds if (a in words) == named), kinds[0]), plain)
    if origin is typing.Literal:
        if plain not in arguments or isinstance(plain, bool):
            raise RecordingError(f"expected one of {', '.join(map(repr, arguments))}, found {_short(plain)}")
        return plain
    if is_dataclass(kind):
        if not isinstance(plain, dict):
            raise RecordingError(f"expected an object for {getattr(kind, '__name__', kind)}, found {_short(plain)}")
        hints = typing.get_type_hints(kind)
        written = [f for f in fields(kind) if not f.metadata.get(TRANSIENT)]
        given = {f.name: _field(hints[f.name], f.name, plain[f.name]) for f in written if f.name in plain}
        try:
            return kind(**given)  # type: ignore[operator]
        except TypeError as error:
            raise RecordingError(f"not a result of emgorder: {error}") from error
    if origin is tuple:
        return tuple(from_plain(arguments[0], v) for v in _checked(plain, list, "a list"))
    if origin is np.ndarray:
        return _array(_checked(plain, list, "a list"))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        _checked(plain, dict, "an object")
        valued = len(arguments) == 2 and is_dataclass(arguments[1])
        return {k: _field(arguments[1], k, v) for k, v in plain.items()} if valued else plain
    if kind is float:
        return _number(plain)
    if kind is bool:
        return _checked(plain, bool, "true or false")
    if kind is str:
        return _checked(plain, str, "text")
    if kind is int:
        if isinstance(plain, bool):
            raise RecordingError(f"expected a whole number, found {_short(plain)}")
        return _checked(plain, int, "a whole number")
    return plain


def _field(kind: Any, name: str, plain: Any) -> Any:
    try:
        return from_plain(kind, plain)
    except RecordingError as error:
        raise RecordingError(f"{name}: {error}") from error


def _checked(plain: Any, kind: type, what: str) -> Any:
    if not isinstance(plain, kind):
        raise RecordingError(f"expected {what}, found {_short(plain)}")
    return plain


def _array(plain: list[Any]) -> FloatArray:
    if set(map(type, plain)) <= {float, NoneType}:  # what we write, and most of a file
        return np.array(plain, dtype=np.float64)
    return np.array([_number(v) for v in plain], dtype=np.float64)


def _number(plain: Any) -> float:
    if plain is None:
        return math.nan
    if isinstance(plain, bool) or not isinstance(plain, int | float):
        raise RecordingError(f"expected a number, found {_short(plain)}")
    try:
        return float(plain)
    except OverflowError:
        raise RecordingError("expected a number, found one that is too large for any quantity") from None


def _short(plain: Any) -> str:
    try:
        return f"{plain!r:.60}"
    except (RecursionError, ValueError):  # nested or long beyond what Python prints
        return f"a value of type {type(plain).__name__}"


def write_json(plain: Any, path: str | Path) -> Path:
    """Write JSON atomically: the file is there whole, or as it was before."""
    target = Path(path)
    try:
        text = json.dumps(plain, indent=1, allow_nan=False, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:  # half a character, as a damaged name can hold: kept, but written as an escape
        text = json.dumps(plain, indent=1, allow_nan=False).encode("ascii")
    replace_files({target: [text, b"\n"]})
    return target


def read_json(path: str | Path) -> Any:
    """Read JSON, with an error that names the file, the line and the remedy."""
    refuse_stream(Path(path))
    try:
        return load_json(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise RecordingError(f"cannot be read: {error.strerror or error}", path=path) from error
    except UnicodeDecodeError as error:
        raise RecordingError("is not UTF-8 text: is this the result that emgorder wrote?", path=path) from error
    except json.JSONDecodeError as error:
        raise RecordingError(f"is not valid JSON ({error.msg})", path=path, row=error.lineno) from error
    except ValueError as error:
        raise RecordingError("holds lists or numbers beyond any measure: is this a result?", path=path) from error
