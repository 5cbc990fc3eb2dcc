"""The result of a session: everything that a table, a sentence or a figure is made from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from emgorder.analysis.activity import SessionActivity, find_activity
from emgorder.analysis.serialise import TRANSIENT, from_plain, read_json, to_plain, write_json
from emgorder.analysis.settings import Settings
from emgorder.analysis.several import compare_sides
from emgorder.analysis.tables import (
    activity_ratio_table,
    activity_table,
    lifts_table,
    order_table,
    orders_table,
    pairwise_table,
    summary_table,
)
from emgorder.errors import RecordingError, SettingsError
from emgorder.json_text import whole_text
from emgorder.model import Channel, Finding, LiftResult, Recording, Side, SideResult
from emgorder.order.contrast import Contrast, contrast
from emgorder.order.pairwise import OrderMatrix
from emgorder.order.reference import MvcReference

if TYPE_CHECKING:
    from emgorder.report.beside import Beside

__all__ = ["Origin", "SessionResult", "read_result"]

_IN_TABLES = ("lift_results", "sides", "quality", "channels", "references")
SCHEMA_VERSION = 1


class Origin:
    """The recording that a result was made from, for as long as both are in one process.

    It is neither written to files nor sent to other processes, where it would be many times the size of the result.

    Examples
    --------
    >>> Origin().recording is None
    True
    """

    __slots__ = ("recording",)

    def __init__(self, recording: Recording | None = None) -> None:
        self.recording = recording

    def __reduce__(self) -> tuple[type[Origin], tuple[()]]:
        """Leave the recording behind."""
        return Origin, ()


@dataclass(frozen=True, eq=False, slots=True)
class SessionResult:
    """What the analysis of a session found.

    Attributes
    ----------
    lift_results : tuple of LiftResult
        Every lift, valid or not, in the order of time.
    sides : tuple of SideResult
        One for each side that has lifts.
    quality : tuple of Finding
        What is wrong with each channel, in words.
    settings : Settings
        What the analysis was told.
    name : str
        Name of the recording.
    duration_s, sampling_frequency : float
        Of the recording.
    channels : tuple of Channel
        Of the recording.
    conditioning : mapping
        What was done to the signals (``highpass_Hz``, ``lowpass_Hz``, ``notch_Hz``, ``crosstalk`` ...).
    meta : mapping
        Sidecar values that a report shows (pseudonym, instruction, pain, ...).
    notes : tuple of str
        What reading and analysis repaired or assumed, in words.
    version : str
        Of emgorder.
    software : mapping of str to str
        Versions of Python and of the libraries that the numbers come from.
    references : tuple of MvcReference
        Full efforts that activity levels are shares of, one for each channel that has one.
    origin : Origin
        The recording itself, where :func:`emgorder.analyse` made this result in the same process.
    """

    lift_results: tuple[LiftResult, ...]
    sides: tuple[SideResult, ...]
    quality: tuple[Finding, ...]
    settings: Settings
    name: str = ""
    duration_s: float = 0.0
    sampling_frequency: float = 0.0
    channels: tuple[Channel, ...] = ()
    conditioning: Mapping[str, Any] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    version: str = ""
    references: tuple[MvcReference, ...] = ()
    software: Mapping[str, str] = field(default_factory=dict)
    origin: Origin = field(default_factory=Origin, repr=False, metadata={TRANSIENT: True})

    @property
    def lifts(self) -> pd.DataFrame:
        """A row per lift and muscle (amplitudes in µV, or in the channel's own unit where ``unit`` is ``a.u.``)."""
        return lifts_table(self.lift_results, self.activity_levels.muscles, self.references)

    @property
    def order(self) -> pd.DataFrame:
        """A row per lift: difference (glute minus hamstring; positive = hamstring first) and probabilities."""
        return order_table(self.lift_results)

    @property
    def summary(self) -> pd.DataFrame:
        """A row per side: verdict, probabilities, typical difference."""
        return summary_table(self.sides)

    @property
    def activity_levels(self) -> SessionActivity:
        """Activity of all muscles in % of their full efforts and ratios of those (computed anew at each access)."""
        return find_activity(
            self.sides, self.lift_results, self.channels, self.quality, self.references, self.conditioning
        )

    @property
    def activity(self) -> pd.DataFrame:
        """A row per side and muscle: % of its full effort (MVC) with a 90 % interval, or the reason why not."""
        return activity_table(self.activity_levels.muscles)

    @property
    def activity_ratio(self) -> pd.DataFrame:
        """A row per ratio of two shares: glute to hamstring of each side, and right to left of each muscle."""
        return activity_ratio_table(self.activity_levels.ratios)

    @property
    def side_difference(self) -> Contrast | None:
        """Right against left: typical difference of the right leg minus that of the left; None without both."""
        by_side = {side.side: side for side in self.sides}
        return contrast(by_side["R"], by_side["L"]) if {"R", "L"} <= by_side.keys() else None

    @property
    def has_extras(self) -> bool:
        """Whether any lift holds more muscles than glute and hamstring."""
        return any(len(r.muscles) > 2 for r in self.lift_results)

    @property
    def matrices(self) -> dict[Side, OrderMatrix]:
        """All muscles of each side against each other, pooled over its lifts (computed anew at each access)."""
        return compare_sides(self.sides, self.lift_results, self.channels, self.quality)

    @property
    def pairwise(self) -> pd.DataFrame:
        """A row per side and pair of channels: difference (first minus second) and probabilities.

        A negative difference means that the first was earlier. ``p_first_earlier`` is the sign alone; the other three
        probabilities take the ROPE and sum to 1.
        """
        return pairwise_table(self.matrices)

    @property
    def orders(self) -> pd.DataFrame:
        """A row per side and order of all its muscles by the sign alone, with its probability, the likeliest first."""
        return orders_table(self.matrices)

    def to_html(self, path: str | Path, beside: Beside | None = None) -> Path:
        """Write the report, one self-contained page, and return its path.

        Parameters
        ----------
        path : str or Path
            Where to; the folder must exist.
        beside : Beside, optional
            A set with a cue, earlier visits, exercises.
        """
        from emgorder.report.html import write_html

        return write_html(self, path, beside)

    def plot(self) -> Any:
        """Return a matplotlib figure: a panel a side, every lift at its difference with its 90 % interval."""
        from emgorder.report.plots import plot_result

        return plot_result(self)

    def sensitivity(self, methods: Sequence[str]) -> pd.DataFrame:
        """Return what other onset detectors say of the same recording, a row a method and side.

        The method of this result is the reference. Columns, and what they mean, as in
        :func:`emgorder.compare_methods`, which is also what to call for a result that was read from a file.

        Parameters
        ----------
        methods : sequence of str
            Keys of :func:`emgorder.onset_methods`.

        Raises
        ------
        RecordingError
            The result has no recording any more: it was read from a file, or came from another process.
        SettingsError
            `methods` is empty, or names a method twice or one that does not exist.

        Examples
        --------
        >>> import emgorder as eo
        >>> result = eo.analyse(eo.simulate_session(seed=1, n_lifts=5, sides=("R",)))
        >>> result.sensitivity(["posterior", "hmm"])["n_paired"].tolist()
        [5, 5]
        """
        from emgorder.analysis.sensitivity import sensitivity_table

        return sensitivity_table(self, methods)

    def to_json(self, path: str | Path, beside: Beside | None = None) -> Path:
        """Write the result as JSON and return its path.

        The file holds all that the report is made from, which :func:`read_result` reads, and under ``report`` what the
        report says, in sentences and tables that need no program to be read.

        Parameters
        ----------
        path : str or Path
            Where to; the folder must exist.
        beside : Beside, optional
            As in :meth:`to_html`; it is told in ``report``.
        """
        from emgorder.report.content import report_content

        head = {"schema": "emgorder-result", "schema_version": SCHEMA_VERSION}
        return write_json({**head, **to_plain(self), "report": report_content(self, beside)}, path)


def read_result(path: str | Path) -> SessionResult:
    """Read a result that :meth:`SessionResult.to_json` wrote.

    Parameters
    ----------
    path : str or Path
        The JSON file.

    Raises
    ------
    RecordingError
        The file cannot be read or is no result of emgorder; the message says what is wrong and where.

    Examples
    --------
    >>> import tempfile
    >>> import emgorder as eo
    >>> result = eo.analyse(eo.simulate_session(seed=1, n_lifts=2))
    >>> path = f"{tempfile.mkdtemp()}/result.json"
    >>> _ = result.to_json(path)
    >>> eo.read_result(path).summary.equals(result.summary)
    True
    """
    plain = read_json(path)
    if not isinstance(plain, dict) or plain.get("schema") != "emgorder-result":
        raise RecordingError(
            "is not a result of emgorder: make one with `emgorder analyse FILE --json RESULT.json`", path=path
        )
    version = plain.get("schema_version")
    if version != SCHEMA_VERSION or not isinstance(version, int) or isinstance(version, bool):
        raise RecordingError(
            f"has schema version {version!r:.40}, this release reads {SCHEMA_VERSION}: analyse the recording again",
            path=path,
        )
    try:
        result = from_plain(SessionResult, {k: whole_text(v) if k in _IN_TABLES else v for k, v in plain.items()})
    except (RecordingError, SettingsError, TypeError, ValueError) as error:
        raise RecordingError(f"is not a whole result of emgorder: {error}", path=path) from error
    assert isinstance(result, SessionResult)
    limits_s = [s.rope_s for s in result.sides] + [r.order.rope_s for r in result.lift_results]
    if not all(math.isfinite(limit_s) and limit_s >= 0 for limit_s in limits_s):
        raise RecordingError("is not a whole result of emgorder: a rope_s is no positive number", path=path)
    return result
