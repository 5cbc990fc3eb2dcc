"""Many sessions as tidy tables with the uncertainty of each number, ready for a mixed model."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from emgorder.analysis.result import SessionResult
from emgorder.arguments import require_kind, require_list
from emgorder.errors import SettingsError
from emgorder.model import LiftResult, Posterior, SideResult
from emgorder.sidecar_keys import INSTRUCTION, PERSON
from emgorder.study.run import Batch

__all__ = ["Labels", "lift_frame", "side_frame"]

Labels: TypeAlias = "pd.DataFrame | Sequence[Mapping[str, Any]]"

_WIDTH_90 = 2 * 1.6448536269514722  # width of a normal distribution's 90 % interval in standard deviations
_DIFFERENCE, _LOW, _HIGH, _SD = "onset_difference_ms", "ci_low_ms", "ci_high_ms", "sd_ms"
_OWN = ("side", "lift", "hamstring", "difference_ms", "variance_ms2", "weight", "sync_sd_ms")
_LIFT_COLUMNS = (
    "person", "session", "condition", "side", "lift", "hamstring", "difference_ms", "variance_ms2", "weight",
    "sync_sd_ms",
)  # fmt: skip
_SIDE_COLUMNS = (
    "person", "session", "condition", "side", "hamstring", "difference_ms", "variance_ms2", "weight",
    "between_lift_sd_ms", "n_valid", "n_lifts", "verdict", "p_glute_first", "p_together", "p_hamstring_first",
)  # fmt: skip


def lift_frame(sessions: Iterable[SessionResult] | Batch | pd.DataFrame, labels: Labels | None = None) -> pd.DataFrame:
    """Return a row per lift that counts, of many sessions, with how well its difference was measured.

    Parameters
    ----------
    sessions : iterable of SessionResult, Batch, or DataFrame
        Results, what :func:`emgorder.read_batch` read, or tables like ``SessionResult.order`` of many sessions one
        below the other, with the columns ``person`` and ``session`` before them, and ``sync_sd_ms`` where two devices
        recorded: without it, the error of their clocks stays in the variance of each lift.
    labels : DataFrame or sequence of mapping, optional
        A row a result, in the same order, with whatever the model needs: ``person``, ``session``, ``condition``,
        ``group``, ... Without ``person`` it is the pseudonym of the sidecar, without ``session`` the name of the
        recording, without ``condition`` the instruction of the sidecar.

    Returns
    -------
    DataFrame
        ``difference_ms`` is glute minus hamstring onset (positive: hamstring first), ``variance_ms2`` the variance of
        its measurement from the posterior, without the clocks, whose error all lifts of a session share
        (``sync_sd_ms``), and ``weight`` its inverse. Variance and weight are NaN for onset methods without a posterior.
        Lifts that do not count have no row. Of tables without ``sd_ms`` the variance is that of a normal distribution
        with the same interval: smaller where a posterior has long tails, so do not mix the two in one model.

    Raises
    ------
    SettingsError
        There are no sessions, labels do not fit them, or nobody says who was measured.

    See Also
    --------
    side_frame : a row per side of a session.

    Examples
    --------
    Two groups of four people; each lift is a row, and lifts of a person belong together:

    >>> import statsmodels.formula.api as smf
    >>> rng = np.random.default_rng(1)
    >>> order = pd.DataFrame([
    ...     {"person": f"p{p}", "session": "1", "group": "ab"[p % 2], "side": "R", "lift": lift, "valid": True,
    ...      "onset_difference_ms": d, "ci_low_ms": d - 30, "ci_high_ms": d + 30}
    ...     for p in range(8) for lift, d in enumerate(60 + 100 * (p % 2) + rng.normal(0, 20) + rng.normal(0, 40, 10))])
    >>> lifts = lift_frame(order)
    >>> fit = smf.mixedlm("difference_ms ~ group", lifts, groups="person").fit()
    >>> bool(abs(fit.params["group[T.b]"] - 100) < 2 * fit.bse["group[T.b]"])
    True
    """
    if isinstance(sessions, Batch):
        sessions = sessions.with_people("order")
    if isinstance(sessions, pd.DataFrame):
        return _from_order(_labelled(sessions, labels))
    rows = [
        {**own, **_lift(lift, side)}
        for result, own in _with_labels(sessions, labels)
        for side in result.sides
        for lift in result.lift_results
        if lift.lift.side in (side.side, "") and lift.valid and math.isfinite(lift.order.difference_s)
    ]
    return _ordered(pd.DataFrame(rows), _LIFT_COLUMNS)


def side_frame(sessions: Iterable[SessionResult] | Batch | pd.DataFrame, labels: Labels | None = None) -> pd.DataFrame:
    """Return a row per side of each session, with how well its typical difference is known.

    Parameters
    ----------
    sessions : iterable of SessionResult, Batch, or DataFrame
        Results, what :func:`emgorder.read_batch` read, or tables like ``SessionResult.summary`` of many sessions one
        below the other, with the columns ``person`` and ``session`` before them.
    labels : DataFrame or sequence of mapping, optional
        As in :func:`lift_frame`.

    Returns
    -------
    DataFrame
        ``difference_ms`` is the typical difference, ``variance_ms2`` the variance of its posterior with all errors in
        it, and ``weight`` its inverse: NaN where a side has no interval (too few lifts, or a method without a
        posterior). Every side has its row. A weight is of the measurement alone: people differ among each other too,
        which is for the model to find.

    Raises
    ------
    SettingsError
        There are no sessions, labels do not fit them, or nobody says who was measured.

    Notes
    -----
    ``MixedLM`` of statsmodels takes no weights. Where sides are measured unequally well, a random-effects model that
    takes ``variance_ms2`` does both: people differ, and some are known better than others.

    Examples
    --------
    From results: ``side_frame([eo.read_result(path) for path in paths], labels)``. From one table of summaries:

    >>> from statsmodels.stats.meta_analysis import combine_effects
    >>> summary = pd.DataFrame({"person": ["a", "b", "c"], "session": "1", "side": "R",
    ...     "onset_difference_ms": [90.0, 110.0, 20.0], "ci_low_ms": [70.0, 90.0, -180.0],
    ...     "ci_high_ms": [110.0, 130.0, 220.0]})
    >>> sides = side_frame(summary)
    >>> numbers = sides[["difference_ms", "variance_ms2"]].to_numpy()
    >>> pooled = combine_effects(numbers[:, 0], numbers[:, 1], method_re="dl")
    >>> round(float(pooled.mean_effect_re))
    100
    """
    if isinstance(sessions, Batch):
        sessions = sessions.with_people("summary")
    if isinstance(sessions, pd.DataFrame):
        return _from_summary(_labelled(sessions, labels))
    rows = [{**own, **_side(side)} for result, own in _with_labels(sessions, labels) for side in result.sides]
    return _ordered(pd.DataFrame(rows), _SIDE_COLUMNS)


def _lift(result: LiftResult, side: SideResult) -> dict[str, object]:
    order = result.order
    sync_sd_ms = order.sync_sd_s * 1e3
    variance_ms2 = _variance_ms2(order.posterior) - sync_sd_ms**2
    return {
        "side": side.side,
        "lift": result.lift.number,
        "hamstring": side.hamstring,
        "difference_ms": order.difference_s * 1e3,
        **_weighed(max(variance_ms2, 0.0) if math.isfinite(variance_ms2) else math.nan),
        "sync_sd_ms": sync_sd_ms,
    }


def _side(side: SideResult) -> dict[str, object]:
    return {
        "side": side.side,
        "hamstring": side.hamstring,
        "difference_ms": side.difference_s * 1e3,
        **_weighed(_variance_ms2(side.posterior)),
        "between_lift_sd_ms": side.between_lift_sd_s * 1e3,
        "n_valid": side.n_valid,
        "n_lifts": side.n_lifts,
        "verdict": side.verdict,
        "p_glute_first": side.p_glute_first,
        "p_together": side.p_together,
        "p_hamstring_first": side.p_hamstring_first,
    }


def _weighed(variance_ms2: float) -> dict[str, float]:
    return {"variance_ms2": variance_ms2, "weight": 1.0 / variance_ms2 if variance_ms2 > 0 else math.nan}


def _variance_ms2(posterior: Posterior | None) -> float:
    return math.nan if posterior is None else 1e6 * posterior.sd_s**2


def _with_labels(
    sessions: Iterable[SessionResult], labels: Labels | None
) -> list[tuple[SessionResult, dict[str, object]]]:
    remedy = "give a list of results of emgorder.analyse, or one table"
    results = require_list(sessions, SessionResult, key="sessions", what="result", remedy=remedy)
    if not results:
        raise SettingsError("there are none: give at least one result", key="sessions")
    given = _label_rows(labels, len(results))
    found = []
    for number, (result, own) in enumerate(zip(results, given, strict=True)):
        defaults = {
            "person": _said(result.meta, PERSON),
            "session": result.name or str(number + 1),
            "condition": _said(result.meta, INSTRUCTION),
        }
        if not str(own.get("person", defaults["person"])).strip():
            raise SettingsError(
                f"nobody says who was measured in session {number + 1} ({result.name or 'without a name'}): give "
                "labels with a person, or a pseudonym in the sidecar",
                key="labels",
            )
        found.append((result, {**defaults, **own}))
    _refuse_repeats(pd.DataFrame([own for _, own in found]))
    return found


def _label_rows(labels: Labels | None, n: int) -> list[dict[str, Any]]:
    if labels is None:
        return [{} for _ in range(n)]
    remedy = "give a table, or a dict a session: [{'person': 'heron-12'}, ...]"
    told = labels.to_dict("records") if isinstance(labels, pd.DataFrame) else labels
    rows = require_list(told, Mapping, key="labels", what="dict", remedy=remedy)
    for row in rows:
        for name in ("person", "session", "condition"):
            require_kind(row.get(name), Hashable, key="labels", what=f"{name} that two rows can share", remedy=remedy)
    if len(rows) != n:
        raise SettingsError(f"{len(rows)} rows for {n} sessions: give a row a session, in their order", key="labels")
    if taken := sorted({str(name) for row in rows for name in row} & {*_OWN, *_SIDE_COLUMNS[4:]}):
        raise SettingsError(f"{', '.join(taken)} is a column of the result itself: name it otherwise", key="labels")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _refuse_repeats(own: pd.DataFrame) -> None:
    repeated = own[own.duplicated(["person", "session", "condition"])]
    if len(repeated):
        first = repeated.iloc[0]
        raise SettingsError(
            f"person {first['person']!s:.40} has session {first['session']!s:.40} twice in the same condition: give "
            "labels that tell the sessions apart",
            key="labels",
        )


def _said(meta: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    return next((str(meta[key]).strip() for key in keys if meta.get(key)), "")


def _labelled(frame: pd.DataFrame, labels: Labels | None) -> pd.DataFrame:
    if labels is not None:
        raise SettingsError("go with results; a table has them as columns of its own", key="labels")
    if frame.empty:
        raise SettingsError("the table has no rows: give at least one session", key="sessions")
    needed = ("person", "session", "side", _DIFFERENCE)
    if missing := [name for name in needed if name not in frame.columns]:
        raise SettingsError(
            f"the table has no column {', '.join(missing)}: it needs person, session, and those of "
            "SessionResult.order or SessionResult.summary",
            key="sessions",
        )
    if frame["person"].isna().any() or (frame["person"].astype(str).str.strip() == "").any():
        raise SettingsError(
            "a row of the table has no person: fill the column person (of a batch: batch.with_people(...))",
            key="sessions",
        )
    return frame


def _from_order(frame: pd.DataFrame) -> pd.DataFrame:
    counted = frame[_DIFFERENCE].notna() & np.isfinite(_numbers(frame, _DIFFERENCE))
    if "valid" in frame.columns:
        counted &= frame["valid"].astype(bool)
    frame = frame[counted]
    sync_sd_ms = _numbers(frame, "sync_sd_ms") if "sync_sd_ms" in frame.columns else np.zeros(len(frame))
    variance_ms2 = np.maximum(_variance_of_table(frame) - sync_sd_ms**2, 0.0)
    return _completed(frame, variance_ms2, _LIFT_COLUMNS, ("valid", "reason"))


def _from_summary(frame: pd.DataFrame) -> pd.DataFrame:
    return _completed(frame, _variance_of_table(frame), _SIDE_COLUMNS, ())


def _variance_of_table(frame: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    of_interval = np.full(len(frame), np.nan)
    if {_LOW, _HIGH} <= set(frame.columns):
        of_interval = ((_numbers(frame, _HIGH) - _numbers(frame, _LOW)) / _WIDTH_90) ** 2
    if _SD not in frame.columns:
        return of_interval
    sd_ms = _numbers(frame, _SD)
    return np.where(np.isfinite(sd_ms), sd_ms**2, of_interval)


def _completed(
    frame: pd.DataFrame, variance_ms2: np.ndarray[Any, Any], columns: tuple[str, ...], dropped: tuple[str, ...]
) -> pd.DataFrame:
    with np.errstate(divide="ignore"):
        weight = np.where(variance_ms2 > 0, 1.0 / variance_ms2, np.nan)
    frame = frame.drop(columns=[name for name in (*dropped, _LOW, _HIGH, _SD) if name in frame.columns])
    frame = frame.rename(columns={_DIFFERENCE: "difference_ms"}).assign(variance_ms2=variance_ms2, weight=weight)
    return _ordered(frame.reset_index(drop=True), columns)


def _numbers(frame: pd.DataFrame, name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    try:
        return frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise SettingsError(f"column {name} holds something that is no number: {error}", key="sessions") from error


def _ordered(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """Put who and where first, then what the analyst added, then the measurement."""
    if frame.empty:
        return pd.DataFrame(columns=list(columns))
    who = [name for name in ("person", "session", "condition") if name in frame.columns]
    own = [name for name in columns if name in frame.columns and name not in who]
    added = [name for name in frame.columns if name not in (*who, *own)]
    return frame[[*who, *added, *own]]
