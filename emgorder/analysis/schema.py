"""The form of a result file, as JSON Schema, made from the nouns themselves."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Literal

import numpy as np

from emgorder.analysis.result import SCHEMA_VERSION, SessionResult
from emgorder.analysis.serialise import TRANSIENT

__all__ = ["result_schema"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": ["number", "null"], "description": "null: unknown"},
    np.ndarray: {"type": "array", "items": {"type": ["number", "null"]}},
}
_SENTENCES: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
_OBJECTS: dict[str, Any] = {"type": "array", "items": {"type": "object"}}
_REPORT: dict[str, Any] = {
    "type": "object",
    "description": "What the report says, in sentences and tables; made from the rest, and not read back.",
    "properties": {
        "head": {"type": "object", "additionalProperties": {"type": "string"}},
        "sides": _OBJECTS,
        "right_against_left": {"type": ["object", "null"]},
        "meaning": _SENTENCES,
        "limits": _SENTENCES,
        "lifts": _SENTENCES,
        "activity": {
            "type": "object",
            "properties": {"sentences": _SENTENCES, "levels": _OBJECTS, "ratios": _OBJECTS},
            "required": ["sentences", "levels", "ratios"],
        },
        "quality": _SENTENCES,
        "cue": _OBJECTS,
        "follow_up": {"type": "object", "additionalProperties": _SENTENCES},
        "exercises": _SENTENCES,
        "methods": {"type": "string"},
        "bibtex": {"type": "string"},
        "standing": _SENTENCES,
    },
}


def result_schema() -> dict[str, Any]:
    """Return the JSON Schema of what :meth:`emgorder.SessionResult.to_json` writes.

    Returns
    -------
    dict
        JSON Schema 2020-12. Further properties are allowed: a newer release may add some.

    Examples
    --------
    >>> result_schema()["properties"]["schema_version"]
    {'const': 1}
    """
    nouns: dict[str, dict[str, Any]] = {}
    whole = _object(SessionResult, nouns)
    head = {"schema": {"const": "emgorder-result"}, "schema_version": {"const": SCHEMA_VERSION}}
    return {
        "$schema": _DIALECT,
        "title": "emgorder result",
        "description": "What the analysis of a session found. Times are seconds, signals volts or arbitrary units.",
        **whole,
        "properties": {**head, **whole["properties"], "report": _REPORT},
        "required": [*head, *whole["required"]],
        "$defs": dict(sorted(nouns.items())),
    }


def _object(kind: Any, nouns: dict[str, dict[str, Any]]) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    written = [f for f in fields(kind) if not f.metadata.get(TRANSIENT)]
    return {
        "type": "object",
        "properties": {f.name: _form(hints[f.name], nouns) for f in written},
        "required": [f.name for f in written if f.default is MISSING and f.default_factory is MISSING],
    }


def _form(kind: Any, nouns: dict[str, dict[str, Any]]) -> dict[str, Any]:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        parts = [{"type": "null"} if a is type(None) else _form(a, nouns) for a in arguments]
        return parts[0] if len(parts) == 1 else {"anyOf": parts}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is tuple:
        return {"type": "array", "items": _form(arguments[0], nouns)}
    if is_dataclass(kind) and isinstance(kind, type):
        if kind.__name__ not in nouns:
            nouns[kind.__name__] = {}  # before its fields, which may name it again
            nouns[kind.__name__] = _object(kind, nouns)
        return {"$ref": f"#/$defs/{kind.__name__}"}
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object"}
    return _PLAIN.get(origin or kind, {})
