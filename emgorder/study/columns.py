"""The tables of a batch: which columns, of which type, and what they mean. Written beside the tables, too."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

__all__ = ["TABLES", "arrow_schema", "described"]

Kind: TypeAlias = Literal["string", "int64", "float64", "bool"]
Column: TypeAlias = tuple[str, Kind, str]

_PATH: Column = ("path", "string", "file, from the folder of recordings where there is one")
_STAMP: tuple[Column, ...] = (
    ("file_id", "string", "hash of the path"),
    ("stamp", "string", "size and time of the file and of those beside it that belong to it"),
)
_P_GLUTE: Column = ("p_glute_first", "float64", "probability that the glute was first by more than the ROPE")
_P_TOGETHER: Column = ("p_together", "float64", "probability that the difference is within the ROPE")
_P_HAMSTRING: Column = (
    "p_hamstring_first",
    "float64",
    "probability that the hamstring was first by more than the ROPE",
)
_P_EARLIER: Column = ("p_glute_earlier", "float64", "probability that the glute was earlier at all")
_DIFFERENCE: Column = ("onset_difference_ms", "float64", "glute minus hamstring onset: positive means hamstring first")
_LOW: Column = ("ci_low_ms", "float64", "5 % of the difference")
_HIGH: Column = ("ci_high_ms", "float64", "95 % of the difference")
_SD: Column = ("sd_ms", "float64", "standard deviation of the difference's posterior")
_LIFT: Column = ("lift", "int64", "number of the lift in its recording, from 1")
_SIDE: Column = ("side", "string", "R, L, or empty where unknown")
_VALID: Column = ("valid", "bool", "whether the lift counts")
_REASON: Column = ("reason", "string", "why there is no answer, in words")

TABLES: dict[str, tuple[Column, ...]] = {
    "lifts": (  # a row per lift and muscle
        _PATH, _LIFT, _SIDE,
        ("target_muscle", "string", "code of the muscle"),
        ("channel", "string", "label of the channel"),
        ("onset_s", "float64", "onset from the start of the recording; NaN where there is none"),
        ("visible_s", "float64", "where a reader would mark the first visible activity"),
        ("onset_low_s", "float64", "5 % of the onset"),
        ("onset_high_s", "float64", "95 % of the onset"),
        ("p_burst", "float64", "probability that there was a burst at all"),
        ("offset_s", "float64", "end of the burst"),
        ("baseline_rms_uV", "float64", "RMS of rest; in the channel's own unit where unit is a.u."),
        ("snr_dB", "float64", "signal-to-noise ratio"),
        ("rms_uV", "float64", "RMS of the burst's first second"),
        ("unit", "string", "uV, or a.u. where the gain is unknown"),
        ("onset_method", "string", "key of onset_methods()"),
        _VALID, _REASON,
        ("hold_stop_s", "float64", "end of the window in which activity is measured"),
        ("activity_rms_uV", "float64", "RMS of that window without the power of rest"),
        ("activity_arv_uV", "float64", "average rectified value of that window"),
        ("activity_peak_rms_uV", "float64", "highest RMS of 250 ms in that window"),
        ("percent_mvc", "float64", "share of the full effort in %; NaN where nothing can be compared"),
    ),
    "order": (  # a row per lift
        _PATH, _LIFT, _SIDE, _DIFFERENCE, _LOW, _HIGH, _SD, _P_GLUTE, _P_TOGETHER, _P_HAMSTRING, _P_EARLIER,
        ("cue_s", "float64", "the tone; NaN where there was none"),
        _VALID, _REASON,
    ),
    "summary": (  # a row per session and side
        _PATH, _SIDE,
        ("verdict", "string", "glute first, hamstring first, together, cannot tell"),
        ("leaning", "string", "where cannot tell leans to"),
        _P_GLUTE, _P_TOGETHER, _P_HAMSTRING, _P_EARLIER, _DIFFERENCE, _LOW, _HIGH, _SD,
        ("n_lifts", "int64", "lifts"),
        ("n_valid", "int64", "lifts that count"),
        ("n_glute_first", "int64", "of these, by each lift's own difference"),
        ("n_together", "int64", "of these"),
        ("n_hamstring_first", "int64", "of these"),
        ("between_lift_sd_ms", "float64", "standard deviation between lifts"),
        ("more_lifts", "int64", "further lifts that would probably settle it; empty where unknown"),
        ("rope_ms", "float64", "differences up to this size count as together"),
        ("sync_method", "string", "how the clocks of the two muscles agree"),
        ("sync_offset_ms", "float64", "glute's clock minus hamstring's"),
        ("sync_sd_ms", "float64", "uncertainty of that"),
        ("glute", "string", "muscle that was compared"),
        ("hamstring", "string", "muscle that was compared"),
        _REASON,
    ),
    "errors": (  # a row per file without a result
        _PATH,
        ("kind", "string", "class of the error; WorkerDied where the file ended its worker twice"),
        ("message", "string", "what is wrong, where, and the remedy"),
        *_STAMP,
    ),
    "sessions": (  # a row per file with a result, also where it holds no lifts
        _PATH,
        ("name", "string", "name of the recording"),
        ("person", "string", "pseudonym in the sidecar; empty where there is none"),
        ("duration_s", "float64", "length"),
        ("sampling_frequency", "float64", "Hz"),
        ("n_channels", "int64", "channels"),
        ("n_lifts", "int64", "lifts on both sides"),
        ("n_valid", "int64", "lifts that count"),
        ("verdict_possible", "bool", "whether the data of at least one side can carry a verdict"),
        ("findings", "string", "what is wrong with the channels, a line each: severity, channel, words"),
        ("notes", "string", "what reading and analysis repaired or assumed, a line each"),
        ("seconds", "float64", "time that reading and analysis took"),
        ("version", "string", "of emgorder"),
        *_STAMP,
    ),
}  # fmt: skip
"""Columns of each table; the last two tables, together, hold one row a file, and are written last."""


def arrow_schema(table: str) -> Any:
    """Return the ``pyarrow.Schema`` of a table, with the meaning of each column in its metadata."""
    import pyarrow as pa

    kinds = {"string": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "bool": pa.bool_()}
    return pa.schema(
        [pa.field(name, kinds[kind], metadata={"description": meaning}) for name, kind, meaning in TABLES[table]]
    )


def described() -> dict[str, dict[str, str]]:
    """Return type and meaning of every column, for people who have no Parquet reader at hand."""
    return {table: {name: f"{kind}: {meaning}" for name, kind, meaning in columns} for table, columns in TABLES.items()}
