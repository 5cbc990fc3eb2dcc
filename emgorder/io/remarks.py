"""What reading repaired or assumed: collected once a kind, then warned of and kept with the recording."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from emgorder.errors import EmgOrderWarning

__all__ = ["Remarks", "counted", "noting_only", "shown"]

_SHOWN_CHARACTERS = 40  # enough to recognise a cell in a message

_NOTING_ONLY: ContextVar[bool] = ContextVar("noting_only", default=False)


@contextmanager
def noting_only() -> Iterator[None]:
    """Issue no warnings of what is repaired: the same words stand in the recording's notes.

    Unlike a filter of `warnings` this holds for the thread that asks, and for no other.
    """
    before = _NOTING_ONLY.set(True)
    try:
        yield
    finally:
        _NOTING_ONLY.reset(before)


def shown(value: object) -> str:
    """Return `value` quoted for a message, cut to a length that a line can hold.

    Examples
    --------
    >>> shown("12,5 mV")
    "'12,5 mV'"
    """
    text = str(value)
    return repr(text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…")


def counted(n: int, noun: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "row"), counted(3, "row")
    ('1 row', '3 rows')
    """
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


class Remarks:
    """Collects remarks while one file is read: of each kind the first place, and how many more there were.

    Parameters
    ----------
    name : str
        Name of the file, put in front of every remark.

    Examples
    --------
    >>> remarks = Remarks("session.csv")
    >>> for row in (7, 9, 12):
    ...     remarks.note("empty", "no number: a lost sample", row=row, column="BF_R_uV")
    >>> remarks.texts()
    ('session.csv, row 7, column BF_R_uV: no number: a lost sample (2 more like this)',)
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._texts: dict[str, str] = {}
        self._more: dict[str, int] = {}
        self._warned: set[str] = set()

    def warn(
        self, kind: str, message: str, *, row: int | None = None, column: str | None = None, more: int = 0
    ) -> None:
        """Add a repair that the user should hear of; `more` counts further places beyond this one."""
        self._warned.add(kind)
        self.note(kind, message, row=row, column=column, more=more)

    def note(
        self, kind: str, message: str, *, row: int | None = None, column: str | None = None, more: int = 0
    ) -> None:
        """Add an assumption that is kept with the recording, without a warning."""
        if kind in self._texts:
            self._more[kind] += 1 + more
            return
        where = [self._name]
        if row is not None:
            where.append(f"row {row}")
        if column is not None:
            where.append(f"column {column}")
        self._texts[kind] = f"{', '.join(where)}: {message}"
        self._more[kind] = more

    def has(self, kind: str) -> bool:
        """Whether there is a remark of this kind."""
        return kind in self._texts

    def _text(self, kind: str) -> str:
        more = self._more[kind]
        return self._texts[kind] + (f" ({more} more like this)" if more else "")

    def texts(self) -> tuple[str, ...]:
        """Return every remark in words, in the order of their first places."""
        return tuple(self._text(kind) for kind in self._texts)

    def emit(self, *, stacklevel: int) -> None:
        """Issue one :class:`EmgOrderWarning` a kind of repair; `stacklevel` as in `warnings`, from the caller."""
        for kind in self._texts:
            if kind in self._warned and not _NOTING_ONLY.get():
                warnings.warn(self._text(kind), EmgOrderWarning, stacklevel=stacklevel + 1)
