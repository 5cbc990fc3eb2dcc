"""Events as cells of a column: from a table of events to text at a row and back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from emgorder.io.dialect import NUMBER, to_number
from emgorder.model import IntArray, empty_events

__all__ = ["cells_from_events", "events_from_cells", "guarded", "unguarded"]

_RUNS_A_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_JOIN = "; "  # between events at one row


def guarded(text: str) -> str:
    """Return `text` so that a spreadsheet shows it instead of running it: with ``'`` before ``= + - @``, tab or CR.

    Examples
    --------
    >>> guarded("=1+2"), unguarded(guarded("=1+2"))
    ("'=1+2", '=1+2')
    """
    return f"'{text}" if _RUNS_A_FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """Undo :func:`guarded`."""
    return text[1:] if text.startswith("'") and _RUNS_A_FORMULA.match(text) else text


def cells_from_events(events: pd.DataFrame, sampling_frequency: float, n_samples: int) -> dict[int, str]:
    """Return the text of the event column at each row (from 0) that has one.

    Events outside the samples have no row; control characters and lone surrogates, which do not belong in a text file,
    become ``?``.
    """
    texts: dict[int, list[str]] = {}
    for onset_s, name in zip(events["onset"], events["trial_type"], strict=True):
        row = round(onset_s * sampling_frequency)
        text = _NOT_IN_TEXT.sub("?", str(name))
        if 0 <= row < n_samples and text:
            texts.setdefault(row, []).append(text)
    return {row: guarded(_JOIN.join(texts[row])) for row in sorted(texts)}


def events_from_cells(cells: Mapping[int, str], sampling_frequency: float) -> pd.DataFrame:
    """Return the events that a column holds.

    A text that is repeated in consecutive rows is one event that lasts as long. In a column of numbers (a trigger) 0
    is no event.

    Parameters
    ----------
    cells : mapping of int to str
        Row (from 0) to text, empty texts left out.
    sampling_frequency : float
        Hz.

    Returns
    -------
    DataFrame
        ``onset`` (s), ``duration`` (s), ``trial_type``.

    Examples
    --------
    >>> events_from_cells({500: "cue/R; note", 900: "lift/R", 901: "lift/R"}, 1000.0)["onset"].tolist()
    [0.5, 0.5, 0.9]
    """
    if all(NUMBER.fullmatch(text) for text in cells.values()):
        cells = {row: text for row, text in cells.items() if to_number(text)}
    if not cells:
        return empty_events()
    onsets, durations, names = [], [], []
    for first, last in _runs(np.array(sorted(cells), dtype=np.intp), cells):
        for name in unguarded(cells[first]).split(_JOIN):
            onsets.append(first / sampling_frequency)
            durations.append((last + 1 - first) / sampling_frequency if last > first else 0.0)
            names.append(name)
    return pd.DataFrame({"onset": onsets, "duration": durations, "trial_type": names})


def _runs(rows: IntArray, cells: Mapping[int, str]) -> Sequence[tuple[int, int]]:
    """Return first and last row of each run of equal texts in consecutive rows."""
    same = [b == a + 1 and cells[a] == cells[b] for a, b in zip(rows[:-1].tolist(), rows[1:].tolist(), strict=True)]
    breaks = np.flatnonzero(~np.array(same, dtype=bool))
    firsts = rows[np.concatenate([[0], breaks + 1]).astype(np.intp)]
    lasts = rows[np.concatenate([breaks, [rows.size - 1]]).astype(np.intp)]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))
