"""How samples and rates fit into the fields of BDF: eight characters a number, 24 bits a sample, whole records."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from emgorder.io.headers import PER_VOLT
from emgorder.model import FloatArray

__all__ = ["Digitised", "Records", "digitise", "records_for"]

_FIELD = 8
_FULL_SCALE = 8_000_000  # counts at the ends of the range: with steps of 1, 2 and 5 both ends are short decimals
# Odd, and 4 modulo 5: then no step that is too fine for a signal suits it once it has been rounded to the next coarser
# one, so that writing what was read chooses the same step again.
_LARGEST_COUNT = 7_999_999
_STEPS = (1, 2, 5)
_WITHOUT_SIGNAL = (1, -4)
_RECORD_BYTES = 61_440  # what EDF recommends at most
_DURATIONS = tuple(Fraction(x) for x in ("1", "1/2", "1/4", "1/5", "1/10", "1/20", "1/50", "1/100", "1/1000"))
_MOST_CANDIDATES = 20_000


@dataclass(frozen=True, eq=False, slots=True)
class Digitised:
    """One signal as counts (int32) of ``step`` in ``dimension``; the range is minus to plus ``physical_max``."""

    counts: np.ndarray[tuple[int], np.dtype[np.int32]]
    step: Fraction
    dimension: str
    physical_max: str

    @property
    def physical_min(self) -> str:
        """Other end of the range."""
        return f"-{self.physical_max}"

    @property
    def digital_max(self) -> int:
        """Count at ``physical_max``."""
        return _FULL_SCALE


@dataclass(frozen=True, slots=True)
class Records:
    """Samples a record and its duration; their ratio is the rate of the file."""

    n_per_record: int
    record_s: Fraction

    @property
    def rate_Hz(self) -> float:
        """Rate that the file states."""
        return float(self.n_per_record / self.record_s)


def digitise(signal: FloatArray, unit: str) -> Digitised:
    """Return a signal in 24 bits, with the finest step of 1, 2 or 5 times a power of ten that holds it.

    Decimals of a file of text are kept exactly as long as they are no finer than the step.

    Parameters
    ----------
    signal : ndarray, shape (n_samples,)
        Volts or arbitrary units; lost samples (NaN) are laid on a line between their neighbours, 0 where all are lost.
    unit : str
        Unit to write in (``uV``, ``mV``, ``V``, ``nV`` or ``au``). Volts are written in another one where the range
        would not fit into the eight characters of its field.

    Examples
    --------
    >>> found = digitise(np.array([12.3e-6, -700e-6]), "uV")
    >>> found.counts.tolist(), str(found.step), found.physical_min
    ([123000, -7000000], '1/10000', '-800')
    """
    last = (0, 0)
    for dimension in [unit] if unit == "au" else list(dict.fromkeys([unit, *("uV", "mV", "V", "nV")])):
        values = signal * PER_VOLT.get(dimension, 1.0)
        mantissa, exponent = last = _finest(float(np.nanmax(np.abs(values), initial=0.0)))
        text = _plain(mantissa, exponent)
        if text:
            return _digitised(values, mantissa, exponent, dimension, text)
    values = signal * PER_VOLT.get(unit, 1.0)
    mantissa, exponent = last if unit == "au" else _finest(float(np.nanmax(np.abs(values), initial=0.0)))
    return _digitised(values, mantissa, exponent, unit, f"{8 * mantissa}e{exponent + 6}")


def _digitised(values: FloatArray, mantissa: int, exponent: int, dimension: str, text: str) -> Digitised:
    step = mantissa * Fraction(10) ** exponent
    counts = _filled(_counts(values, mantissa, exponent)).astype(np.int32)
    return Digitised(counts, step, "" if dimension == "au" else dimension, text)


def _filled(counts: FloatArray) -> FloatArray:
    """Return counts without NaN; of counts, not of values, so that what was read is filled in the same way again."""
    lost = np.isnan(counts)
    if not lost.any():
        return counts
    rows = np.arange(counts.size)
    known = [rows[~lost], counts[~lost]] if not lost.all() else [[0], [0.0]]
    return np.where(lost, np.rint(np.interp(rows, *known)), counts)


def _counts(values: FloatArray | float, mantissa: int, exponent: int) -> FloatArray:
    """Return the nearest counts; powers of ten are applied so that each is exact up to 10^22."""
    scaled = np.asarray(values, dtype=np.float64)
    for _ in range(abs(exponent) // 22):
        scaled = scaled * 1e22 if exponent < 0 else scaled / 1e22
    rest = 10.0 ** (abs(exponent) % 22)
    scaled = scaled * rest if exponent < 0 else scaled / rest
    return np.asarray(np.rint(scaled / mantissa))


def _finest(largest: float) -> tuple[int, int]:
    """Return mantissa and exponent of ten of the finest step whose counts hold `largest`."""
    if largest == 0.0:
        return _WITHOUT_SIGNAL
    exponent = math.floor(math.log10(largest)) - 8
    while True:
        for mantissa in _STEPS:
            if _counts(largest, mantissa, exponent) <= _LARGEST_COUNT:
                return mantissa, exponent
        exponent += 1


def _plain(mantissa: int, exponent: int) -> str:
    """Return the end of the range as a decimal, empty where it is longer than its field with a minus sign."""
    if not -20 < exponent < 20:
        return ""
    value = 8 * mantissa * Fraction(10) ** (exponent + 6)
    text = str(value.numerator) if value.denominator == 1 else f"{float(value):.12f}".rstrip("0")
    return text if len(text) < _FIELD and Fraction(text) == value else ""


def records_for(sampling_frequency: float, n_channels: int) -> Records:
    """Return records whose rate is the nearest that the header can state, exact for every usual rate.

    Parameters
    ----------
    sampling_frequency : float
        Hz.
    n_channels : int
        Signals of that rate: records are kept as short as EDF recommends.

    Examples
    --------
    >>> records_for(1000.0, 2)
    Records(n_per_record=1000, record_s=Fraction(1, 1))
    >>> abs(records_for(1259.259259, 2).rate_Hz / 1259.259259 - 1) < 1e-8
    True
    """
    rate = Fraction(repr(sampling_frequency))
    whole = [d for d in _DURATIONS if (rate * d).denominator == 1 and rate * d >= 1]
    fitting = [d for d in whole if rate * d * 3 * n_channels <= _RECORD_BYTES]
    if whole:
        duration = max(fitting) if fitting else min(whole)
        return Records(int(rate * duration), duration)
    first = max(1, math.ceil(sampling_frequency / 10))
    if n_channels * first * 3 > _RECORD_BYTES:
        first = max(1, _RECORD_BYTES // (6 * n_channels))
    last = min(first + _MOST_CANDIDATES, max(math.ceil(2 * sampling_frequency), first + 1000))
    n = np.arange(first, last)
    seconds = n / sampling_frequency
    places = np.clip(_FIELD - 2 - np.floor(np.log10(np.maximum(seconds, 1.0))), 0, None)  # decimals behind the point
    durations = np.rint(seconds * 10.0**places) / 10.0**places
    durations[durations == 0] = np.inf
    best = int(np.argmin(np.abs(n / durations / sampling_frequency - 1)))
    return Records(int(n[best]), Fraction(f"{durations[best]:.{int(places[best])}f}"))
