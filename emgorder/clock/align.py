"""Several sensors on one time base: how far their clocks may disagree."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np

from emgorder.clock.fit import ClockFit
from emgorder.clock.resample import Aligned, Stream, resample_streams
from emgorder.errors import SettingsError
from emgorder.model import Sync

__all__ = ["Aligned", "Stream", "SyncMethod", "event_sd", "resample_streams", "sync_uncertainty", "synchronise"]

SyncMethod: TypeAlias = Literal["same device", "wire", "electrical", "tap", "ping", "none"]

# A latency that two links do not share cannot be seen from one side. Measured elsewhere on three wearables: 9.5, 23.8
# and 32.5 ms; two units of one model differ far less.
_SAME_MODEL_S = 2e-3
_MIXED_MODELS_S = 15e-3
_ELECTRICAL_S = 0.2e-3
# Two skins meet a finger 2 ms apart (sd); five taps leave 1.05 ms: part of it is the same in every tap.
_TAP_EACH_S = 1.90e-3
_TAP_COMMON_S = 0.615e-3
# Two links of one model are seldom as unequal as a bracket allows: a triangle over its width, sd = half-width / sqrt 6.
# Between models nothing is known: a uniform distribution, half-width / sqrt 3.
_BRACKET_SAME_MODEL = math.sqrt(6)
_BRACKET_MIXED_MODELS = math.sqrt(3)


def event_sd(method: SyncMethod, *, n_taps: int = 1, sampling_frequency: float = 1000.0) -> float:
    """Return how well shared events tell the offset of two clocks: standard uncertainty, s.

    Raises
    ------
    SettingsError
        A method that is no shared event, or a tap test without taps.

    Examples
    --------
    >>> round(event_sd("tap") * 1e3, 2), round(event_sd("tap", n_taps=5) * 1e3, 2)
    (2.0, 1.05)
    """
    if method == "wire":
        return 1 / (sampling_frequency * math.sqrt(12))
    if method == "electrical":
        return _ELECTRICAL_S
    if method == "tap":
        if n_taps < 1:
            raise SettingsError(f"{n_taps!r}: a tap test has at least one tap", key="n_taps")
        return math.hypot(_TAP_COMMON_S, _TAP_EACH_S / math.sqrt(n_taps))
    raise SettingsError(f"{method!r} is no shared event: give 'wire', 'electrical' or 'tap'", key="method")


def sync_uncertainty(
    a: ClockFit,
    b: ClockFit,
    *,
    method: SyncMethod,
    n_taps: int = 0,
    bracket_s: float | None = None,
    same_model: bool = True,
    event_s: float | Sequence[float] = (),
    event_sd_s: float | None = None,
    at_s: float | None = None,
    n_unresolved: int = 0,
) -> float:
    """Return the standard uncertainty of the offset between two sensors' clocks, s.

    Without a shared event: both maps' own variance (the hidden wait for the radio, scatter, rate) and the latency that
    the links do not share. With one (wire, electrical artefact, taps), whose offset has been taken out: its own
    uncertainty and what the maps' errors may have changed since. With two-way pings: the brackets.

    Parameters
    ----------
    a, b : ClockFit
        The two maps.
    method : str
        ``same device``, ``wire``, ``electrical`` (an artefact that both sensors see), ``tap``, ``ping`` or ``none``.
    n_taps : int
        Taps of a tap test.
    bracket_s : float, optional
        Half-width of both brackets together (root of the sum of squares), s; that of the fits where not given.
    same_model : bool
        Whether both sensors are of one model, for ``none`` and ``ping``.
    event_s : float or sequence of float
        Host times of the shared events; without any, the middle of the record.
    event_sd_s : float, optional
        Uncertainty of the events' offset where it was measured (:func:`emgorder.clock.tap_offset`).
    at_s : float, optional
        Host time of interest; without it the root mean square over what both have recorded.
    n_unresolved : int
        Samples that may be missing without having been noticed.

    Raises
    ------
    SettingsError
        A method that does not exist, a tap test without taps, a ping without brackets.

    Examples
    --------
    >>> from emgorder.clock import fit_clock
    >>> last = np.arange(10, 30000, 10)
    >>> fit = fit_clock(last, last / 500.0, nominal_Hz=500.0, interval_s=0.0)
    >>> f"{sync_uncertainty(fit, fit, method='none') * 1e3:.1f} ms"
    '2.0 ms'
    """
    unresolved = n_unresolved / min(a.nominal_Hz, b.nominal_Hz)
    if method == "same device":
        return unresolved
    low, high = max(a.start_s, b.start_s), min(a.stop_s, b.stop_s)
    times = np.array([at_s]) if at_s is not None else np.linspace(low, max(low, high), 9)
    if method == "none":
        fixed = _SAME_MODEL_S if same_model else _MIXED_MODELS_S
        moving = [a.sd_at(float(t)) ** 2 + b.sd_at(float(t)) ** 2 for t in times]
    elif method == "ping":
        bracket = _bracket(a, b) if bracket_s is None else bracket_s
        fixed = bracket / (_BRACKET_SAME_MODEL if same_model else _BRACKET_MIXED_MODELS)
        moving = [0.0]
    elif method in ("wire", "electrical", "tap"):
        rate = min(a.nominal_Hz, b.nominal_Hz)
        fixed = event_sd(method, n_taps=n_taps, sampling_frequency=rate) if event_sd_s is None else event_sd_s
        events = np.atleast_1d(np.asarray(event_s, dtype=np.float64))
        events = events if events.size else np.array([(low + high) / 2])
        since = [float(events[np.argmin(np.abs(events - t))]) for t in times]
        pairs = list(zip(times.tolist(), since, strict=True))
        moving = [a.change_sd(t, s) ** 2 + b.change_sd(t, s) ** 2 for t, s in pairs]
    else:
        raise SettingsError(
            f"{method!r}: give 'same device', 'wire', 'electrical', 'tap', 'ping' or 'none'", key="method"
        )
    return math.sqrt(fixed**2 + float(np.mean(moving)) + unresolved**2)


def _bracket(a: ClockFit, b: ClockFit) -> float:
    """Return the half-width of two brackets together, s."""
    halves = (a.half_width_s, b.half_width_s)
    if not all(math.isfinite(h) for h in halves):
        raise SettingsError("a clock has no bracket: fit it with fit_pings, or give bracket_s", key="method")
    return math.hypot(*halves)


def synchronise(
    a: ClockFit,
    b: ClockFit,
    *,
    method: SyncMethod,
    offset_s: float = 0.0,
    n_taps: int = 0,
    bracket_s: float | None = None,
    same_model: bool = True,
    event_s: float | Sequence[float] = (),
    event_sd_s: float | None = None,
    n_unresolved: int = 0,
) -> Sync:
    """Return how two clocks agree, for a recording.

    Parameters
    ----------
    a, b : ClockFit
        The two maps.
    method, n_taps, bracket_s, same_model, event_s, event_sd_s, n_unresolved
        See :func:`sync_uncertainty`.
    offset_s : float
        a's clock minus b's, as a shared event told it, s.

    Returns
    -------
    Sync
        Method, offset and standard uncertainty.

    Raises
    ------
    SettingsError
        As :func:`sync_uncertainty`.

    Examples
    --------
    >>> from emgorder.clock import fit_clock
    >>> last = np.arange(10, 30000, 10)
    >>> fit = fit_clock(last, last / 500.0, nominal_Hz=500.0, interval_s=0.0)
    >>> sync = synchronise(fit, fit, method="tap", offset_s=0.004, n_taps=5, event_s=10.0)
    >>> sync.method, sync.offset_s, round(sync.sd_s, 4)
    ('tap', 0.004, 0.0011)
    """
    sd = sync_uncertainty(
        a,
        b,
        method=method,
        n_taps=n_taps,
        bracket_s=bracket_s,
        same_model=same_model,
        event_s=event_s,
        event_sd_s=event_sd_s,
        n_unresolved=n_unresolved,
    )
    return Sync(method=method, offset_s=offset_s, sd_s=sd)
