"""How many people and lifts a study needs: power by simulation."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from emgorder.arguments import require_choice, require_whole, require_within
from emgorder.errors import SettingsError
from emgorder.model import FloatArray
from emgorder.study.spread import Spread, draw_lift_sd, draw_session_error

__all__ = ["Design", "people_needed", "simulate_power"]

Design: TypeAlias = Literal["paired", "groups"]

MOST_PEOPLE = 1000  # a study beyond that is not planned with this
MOST_LIFTS = 1000
_COLUMNS = ("design", "effect_ms", "n_people", "n_lifts", "power", "power_low", "power_high", "n_simulations")
_CHUNK = 500_000  # numbers drawn at a time: 4 MB each time


def simulate_power(
    effect_ms: float,
    *,
    n_people: int | Iterable[int],
    n_lifts: int | Iterable[int],
    design: Design = "paired",
    spread: Spread | None = None,
    alpha: float = 0.05,
    n_simulations: int = 2000,
    seed: int = 1,
) -> pd.DataFrame:
    """Return the chance that a study of each size finds an effect of a given size.

    Studies are simulated: people are drawn, then what their sessions give (the mean of the lifts that count, with all
    errors of `spread`), and a two-sided t test is done on one number a person. Paired: each person is measured under
    two conditions, once each, and the differences are tested. Groups: two groups of people, measured once.

    Parameters
    ----------
    effect_ms : float
        Average difference between the two conditions or groups that the study is to see, ms.
    n_people : int or iterable of int
        People in a paired study, people **in each group** otherwise.
    n_lifts : int or iterable of int
        Lifts in a session (one side).
    design : {"paired", "groups"}
        Who is compared with whom.
    spread : Spread, optional
        Standard deviations; default: the sourced ones of :class:`Spread`.
    alpha : float
        Level of the test.
    n_simulations : int
        Studies simulated for each size.
    seed : int
        The same seed gives the same numbers.

    Returns
    -------
    DataFrame
        A row a size: ``design``, ``effect_ms``, ``n_people``, ``n_lifts``, ``power``, ``power_low``, ``power_high``,
        ``n_simulations``. The interval (95 %, Wilson) is that of the simulation only: how far `spread` fits the people
        of the study is not in it.

    Raises
    ------
    SettingsError
        A value makes no sense; the message names it.

    Notes
    -----
    Left out: outlier lifts (the pooled difference of a session weighs them down) and people who drop out. The pooled
    difference of a session is a little better than the mean of its lifts that is taken here where lifts are measured
    unequally well.

    Examples
    --------
    >>> table = simulate_power(50, n_people=[10, 40], n_lifts=10)
    >>> table["n_people"].tolist(), bool(table["power"].is_monotonic_increasing)
    ([10, 40], True)
    """
    spread = spread or Spread()
    _check(effect_ms, design, alpha, n_simulations, seed)
    people, lifts = _sizes("n_people", n_people, 2, MOST_PEOPLE), _sizes("n_lifts", n_lifts, 1, MOST_LIFTS)
    rows = [
        _row(effect_ms, n, m, design, spread, alpha=alpha, n_simulations=n_simulations, seed=seed)
        for m in lifts
        for n in people
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def people_needed(
    effect_ms: float,
    *,
    n_lifts: int | Iterable[int] = (5, 10, 20),
    power: float = 0.8,
    design: Design = "paired",
    spread: Spread | None = None,
    alpha: float = 0.05,
    n_simulations: int = 2000,
    seed: int = 1,
) -> pd.DataFrame:
    """Return the smallest study that finds an effect with the wanted power, for each number of lifts.

    Parameters
    ----------
    effect_ms : float
        Average difference that the study is to see, ms.
    n_lifts : int or iterable of int
        Lifts in a session.
    power : float
        Wanted chance to find it.
    design, spread, alpha, n_simulations, seed
        As in :func:`simulate_power`.

    Returns
    -------
    DataFrame
        A row for each number of lifts, as :func:`simulate_power` gives, with ``total_lifts``, those of all people and
        conditions together. ``n_people`` is missing (NA) where even 1000 people (a group) are not enough. It is as
        sure as the interval of its power: with 2000 simulations a few people more or fewer.

    Raises
    ------
    SettingsError
        A value makes no sense; the message names it.

    Examples
    --------
    How many people, how many lifts, to see 20 ms between two instructions without moving the electrodes?

    >>> from emgorder import Spread
    >>> table = people_needed(20, n_lifts=[5, 20], spread=Spread(placement_ms=0.0), n_simulations=500)
    >>> bool(table["n_people"].iloc[1] < table["n_people"].iloc[0])
    True
    """
    spread = spread or Spread()
    _check(effect_ms, design, alpha, n_simulations, seed)
    require_within("power", power, 0.05, 0.999)
    if effect_ms == 0:
        raise SettingsError(
            "is 0: there is nothing to see, however many people; give what would matter", key="effect_ms"
        )
    sessions = 2  # two conditions of each person, or a person in each of two groups
    rows = []
    for m in _sizes("n_lifts", n_lifts, 1, MOST_LIFTS):
        found = _smallest(effect_ms, m, design, spread, power, alpha, n_simulations, seed)
        if found is None:
            unknown = {"power": math.nan, "power_low": math.nan, "power_high": math.nan}
            rows.append({"design": design, "effect_ms": effect_ms, "n_lifts": m, "n_people": pd.NA, **unknown,
                         "n_simulations": n_simulations, "total_lifts": pd.NA})  # fmt: skip
        else:
            rows.append({**found, "total_lifts": sessions * m * int(found["n_people"])})
    table = pd.DataFrame(rows, columns=[*_COLUMNS, "total_lifts"])
    return table.astype({"n_people": "Int64", "total_lifts": "Int64"})


def _smallest(
    effect_ms: float,
    n_lifts: int,
    design: Design,
    spread: Spread,
    power: float,
    alpha: float,
    n_simulations: int,
    seed: int,
) -> dict[str, Any] | None:
    """Return the row of the smallest study with this power; power grows with people, so halving finds it."""

    def row(n: int) -> dict[str, Any]:
        return _row(effect_ms, n, n_lifts, design, spread, alpha=alpha, n_simulations=n_simulations, seed=seed)

    low, high = 1, 2
    best = row(high)
    while best["power"] < power:
        if high >= MOST_PEOPLE:
            return None
        low, high = high, min(2 * high, MOST_PEOPLE)
        best = row(high)
    while high - low > 1:
        middle = (low + high) // 2
        tried = row(middle)
        if tried["power"] >= power:
            high, best = middle, tried
        else:
            low = middle
    return best


def _row(
    effect_ms: float,
    n_people: int,
    n_lifts: int,
    design: Design,
    spread: Spread,
    *,
    alpha: float,
    n_simulations: int,
    seed: int,
) -> dict[str, Any]:
    rng = np.random.default_rng([seed, n_people, n_lifts])
    n_found, left = 0, n_simulations
    while left:
        size = min(left, max(1, _CHUNK // n_people))
        n_found += int(np.sum(_p_values(rng, effect_ms, (size, n_people), n_lifts, design, spread) < alpha))
        left -= size
    low, high = _wilson(n_found, n_simulations)
    return dict(
        zip(
            _COLUMNS,
            (design, effect_ms, n_people, n_lifts, n_found / n_simulations, low, high, n_simulations),
            strict=True,
        )
    )


def _p_values(
    rng: np.random.Generator,
    effect_ms: float,
    shape: tuple[int, int],
    n_lifts: int,
    design: Design,
    spread: Spread,
) -> FloatArray:
    """Return the p value of each simulated study; `shape` is (n_studies, n_people)."""
    from scipy.special import stdtr

    n = shape[1]
    if design == "paired":
        common = spread.people_ms * math.sqrt(max(1.0 - spread.correlation, 0.0))
        lift_sd_ms = draw_lift_sd(rng, shape, spread)
        change_ms = effect_ms + common * math.sqrt(2.0) * rng.standard_normal(shape)
        first, second = (draw_session_error(rng, lift_sd_ms, n_lifts, spread) for _ in range(2))
        change_ms += second - first
        mean, error = _mean_and_error(change_ms)
        t, df = mean / error, n - 1
    else:
        groups = []
        for shift_ms in (0.0, effect_ms):
            person_ms = shift_ms + spread.people_ms * rng.standard_normal(shape)
            groups.append(person_ms + draw_session_error(rng, draw_lift_sd(rng, shape, spread), n_lifts, spread))
        (mean_a, error_a), (mean_b, error_b) = map(_mean_and_error, groups)
        t, df = (mean_b - mean_a) / np.hypot(error_a, error_b), 2 * n - 2
    return np.asarray(2.0 * stdtr(df, -np.abs(t)), dtype=np.float64)


def _mean_and_error(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard error of each row; an error of 0 becomes tiny, so that t stays a number."""
    error = values.std(axis=1, ddof=1) / math.sqrt(values.shape[1])
    return values.mean(axis=1), np.maximum(error, 1e-12)


def _wilson(n_found: int, n: int) -> tuple[float, float]:
    z = 1.959963984540054
    centre = (n_found + z * z / 2) / (n + z * z)
    half = z * math.sqrt(n_found * (n - n_found) / n + z * z / 4) / (n + z * z)
    return max(centre - half, 0.0), min(centre + half, 1.0)


def _sizes(key: str, value: int | Iterable[int], low: int, high: int) -> list[int]:
    if isinstance(value, str) or not isinstance(value, int | np.integer | Iterable):
        raise SettingsError(f"{value!r} is no whole number and no list of them", key=key)
    sizes = list(value) if isinstance(value, Iterable) else [value]
    if not sizes:
        raise SettingsError("is empty: give at least one number", key=key)
    for size in sizes:
        require_whole(key, size, low, high)
    return [int(size) for size in sizes]


def _check(effect_ms: float, design: str, alpha: float, n_simulations: int, seed: int) -> None:
    require_within("effect_ms", effect_ms, -10_000.0, 10_000.0)
    require_choice("design", design, ("paired", "groups"))
    require_within("alpha", alpha, 1e-6, 0.5)
    _sizes("n_simulations", n_simulations, 100, 1_000_000)
    _sizes("seed", seed, 0, 2**63)
