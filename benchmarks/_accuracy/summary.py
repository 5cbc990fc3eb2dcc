"""The page in short: one row a question, this package beside the best published method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from _table import markdown

from _accuracy.tables import COVER_90, Column, best_published, by_method

__all__ = ["Question", "summary_section"]


@dataclass(frozen=True, eq=False, slots=True)
class Question:
    """One figure that sums up a part of the page."""

    words: str
    frame: pd.DataFrame
    ours: str
    column: Column
    theirs: Column | None = None  # where published methods have a better figure of the same kind

    def row(self) -> list[str]:
        """Return the question, our figure, the best published one with its name, our coverage, and n."""
        parts = by_method(self.frame)
        own = parts[self.ours]
        column = self.theirs or self.column
        best = best_published(column, parts)
        theirs = f"{column.text(parts[best])} (`{best}`)" if best else "–"
        return [
            self.words,
            self.column.header,
            f"{self.column.text(own)} (`{self.ours}`)",
            theirs,
            COVER_90.text(own),
            str(len(own)),
        ]


def summary_section(questions: Sequence[Question]) -> str:
    """Return the table of all questions."""
    header = ["", "figure", "this package", "best published", "ours: truths in 90 % interval, %", "n"]
    return "## In short\n\n" + markdown(header, [q.row() for q in questions])
