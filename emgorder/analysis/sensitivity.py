"""How far the answer of a session hangs on the onset detector."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from emgorder.analysis.analyser import analyse
from emgorder.analysis.conclude import conclude
from emgorder.analysis.given import require_recording
from emgorder.analysis.result import SessionResult
from emgorder.analysis.settings import Settings
from emgorder.errors import RecordingError, SettingsError
from emgorder.model import FloatArray, Recording, SideResult
from emgorder.onset.registry import find_method

__all__ = ["compare_methods", "sensitivity_table"]

_COLUMNS = (
    "method", "side", "reference", "verdict", "leaning", "onset_difference_ms", "ci_low_ms", "ci_high_ms", "n_lifts",
    "n_valid", "mean_ms", "sd_ms", "n_paired", "same_sign", "bias_ms", "bias_low_ms", "bias_high_ms", "loa_low_ms",
    "loa_high_ms", "reason",
)  # fmt: skip
_LIMITS = 1.96  # standard deviations that hold 95 % of a normal distribution


def compare_methods(recording: Recording, methods: Sequence[str], settings: Settings | None = None) -> pd.DataFrame:
    """Analyse a recording with several onset detectors and say how well they agree, side by side.

    Lifts, filters and cross-talk removal are the same for all; only the onsets differ. The method of `settings` is the
    reference, and its rows come first whether `methods` names it or not.

    Parameters
    ----------
    recording : Recording
        What to analyse.
    methods : sequence of str
        Keys of :func:`emgorder.onset_methods`.
    settings : Settings, optional
        How; ``settings.method`` is the reference.

    Returns
    -------
    DataFrame
        A row a method and side. ``verdict``, ``leaning``, ``onset_difference_ms`` with ``ci_low_ms`` and ``ci_high_ms``
        (90 %) and ``reason`` are those of ``SessionResult.summary``: only detectors with a posterior have a verdict and
        an interval. ``mean_ms`` and ``sd_ms`` are of the ``n_valid`` lifts that count. The rest compares lift by lift
        with the reference, over the ``n_paired`` lifts that count with both: ``same_sign``, the share of lifts in which
        the same muscle was earlier; ``bias_ms``, the mean of method minus reference, with its 95 % interval; and
        ``loa_low_ms`` to ``loa_high_ms``, Bland and Altman's 95 % limits of agreement (bias ± 1.96 SD). NaN where fewer
        than two lifts can be paired.

    Raises
    ------
    SettingsError
        `methods` is empty or not a list, or names a method twice or one that does not exist.
    RecordingError
        The recording cannot be analysed.

    References
    ----------
    Bland & Altman 1986, doi 10.1016/S0140-6736(86)90837-8.

    Examples
    --------
    >>> import emgorder as eo
    >>> table = eo.compare_methods(eo.simulate_session(seed=1, n_lifts=5, sides=("R",)), ["hmm", "bonato"])
    >>> table[["method", "n_paired"]].values.tolist()
    [['posterior', 5], ['hmm', 5], ['bonato', 5]]
    """
    _check(methods)
    require_recording(recording)
    return sensitivity_table(analyse(recording, settings), methods)


def sensitivity_table(result: SessionResult, methods: Sequence[str]) -> pd.DataFrame:
    """Return the table of :func:`compare_methods` for a result that still has its recording.

    Raises
    ------
    RecordingError
        The result was read from a file, came from another process, or was merged from several recordings.
    SettingsError
        As in :func:`compare_methods`.
    """
    _check(methods)
    recording = result.origin.recording
    if recording is None:
        raise RecordingError(
            f"the result of {result.name or 'this session'} has no signals any more (it was read from a file, came "
            "from another process, or holds several recordings): read the recording with emgorder.read_recording and "
            "call emgorder.compare_methods(recording, methods, result.settings)"
        )
    reference = result.settings.method
    results = {reference: result}
    for method in methods:
        if method not in results:
            results[method] = conclude(recording, replace(result.settings, method=method))
    rows = [_row(method, found, side, result) for method, found in results.items() for side in found.sides]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _check(methods: Sequence[str]) -> None:
    if isinstance(methods, str) or not isinstance(methods, Sequence):
        raise SettingsError(f"{methods!r} is no list of names: give one such as ['posterior', 'bonato']", key="methods")
    if not methods:
        raise SettingsError("is empty: name at least one onset method", key="methods")
    for method in methods:
        find_method(method)
    if twice := sorted({m for m in methods if list(methods).count(m) > 1}):
        raise SettingsError(f"names {', '.join(twice)} more than once: name each method once", key="methods")


def _row(method: str, result: SessionResult, side: SideResult, reference: SessionResult) -> dict[str, object]:
    own, others = _differences_ms(result, side), _differences_ms(reference, side)
    values = np.array(list(own.values()))
    both = [number for number in own if number in others]
    a, b = (np.array([table[number] for number in both]) for table in (own, others))
    return {
        "method": method,
        "side": side.side,
        "reference": reference.settings.method,
        "verdict": side.verdict,
        "leaning": side.leaning,
        "onset_difference_ms": side.difference_s * 1e3,
        "ci_low_ms": side.low_s * 1e3,
        "ci_high_ms": side.high_s * 1e3,
        "n_lifts": side.n_lifts,
        "n_valid": side.n_valid,
        "mean_ms": float(values.mean()) if values.size else math.nan,
        "sd_ms": float(values.std(ddof=1)) if values.size > 1 else math.nan,
        "n_paired": len(both),
        "same_sign": float(np.mean(np.sign(a) == np.sign(b))) if both else math.nan,
        **_agreement(a - b),
        "reason": side.reason,
    }


def _differences_ms(result: SessionResult, side: SideResult) -> dict[int, float]:
    """Return the difference of each lift of a side that counts, by its number."""
    return {
        r.lift.number: r.order.difference_s * 1e3
        for r in result.lift_results
        if r.lift.side in (side.side, "") and r.valid and math.isfinite(r.order.difference_s)
    }


def _agreement(gap_ms: FloatArray) -> dict[str, float]:
    from scipy.special import stdtrit

    names = ("bias_ms", "bias_low_ms", "bias_high_ms", "loa_low_ms", "loa_high_ms")
    n = gap_ms.size
    if n < 2:
        return dict.fromkeys(names, math.nan)
    bias, sd = float(gap_ms.mean()), float(gap_ms.std(ddof=1))
    half = float(stdtrit(n - 1, 0.975)) * sd / math.sqrt(n)
    return dict(zip(names, (bias, bias - half, bias + half, bias - _LIMITS * sd, bias + _LIMITS * sd), strict=True))
