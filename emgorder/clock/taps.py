"""What both clocks see: a tap on both sensors, an electrical artefact."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from emgorder.clock.align import event_sd
from emgorder.errors import SettingsError, SignalQualityError
from emgorder.model import FloatArray

__all__ = ["MARK_AFTER_S", "MARK_BEFORE_S", "EventOffset", "lag", "tap_offset"]

MARK_BEFORE_S = 3.0
MARK_AFTER_S = 0.5
"""A tap lies up to so long before and after its mark: people strike first and then type."""

_UP = 16  # finer than the sampling by this, then a parabola
_STANDS_OUT = 8.0  # a tap is this many times the usual size
# One finger, two electrodes: much alike whatever the polarity. Two bursts of muscles reach about 0.4 by chance.
_ALIKE = 0.5
_SLOW_S = 0.5  # electrodes drift: what is slower than this is no tap
_AGREES_S = 0.010  # taps further than this from the others are something else


@dataclass(frozen=True, slots=True)
class EventOffset:
    """Offset that shared events tell: time in the first channel minus time in the second.

    Attributes
    ----------
    offset_s, sd_s : float
        The offset and its standard uncertainty.
    times_s : tuple of float
        When the events were that were used.
    correlation : float
        How alike the artefacts of an event are in both channels: the smallest absolute correlation.
    left_out : tuple of str
        Why other events were left out, in words.
    """

    offset_s: float
    sd_s: float
    times_s: tuple[float, ...]
    correlation: float
    left_out: tuple[str, ...] = ()


def lag(a: FloatArray, b: FloatArray, sampling_frequency: float, *, most_s: float = 0.1) -> tuple[float, float]:
    """Return how much later `a` is than `b`, s, and the correlation there (negative: opposite polarity).

    The peak of the absolute cross-correlation, interpolated to a sixteenth of a sample and by a parabola.

    Parameters
    ----------
    a, b : ndarray, shape (n_samples,)
        The same moment in two channels, no NaN.
    sampling_frequency : float
        Hz.
    most_s : float
        Longest lag looked for.

    Examples
    --------
    >>> t = np.arange(300) / 1000
    >>> pulse = lambda at: -(t - at) * np.exp(-np.square((t - at) / 4e-3) / 2)
    >>> round(lag(pulse(0.1532), -pulse(0.15), 1000.0)[0], 5)
    0.0032
    """
    a, b = a - a.mean(), b - b.mean()
    scale = math.sqrt(float(np.dot(a, a) * np.dot(b, b)))
    if scale == 0:
        return 0.0, 0.0
    n = 2 * a.size
    spectrum = np.fft.rfft(a, n) * np.conj(np.fft.rfft(b, n))
    spectrum[-1] /= 2  # the Nyquist bin of the short transform is two bins of the long one
    r = np.fft.irfft(spectrum, n * _UP) * _UP / scale
    most = min(round(most_s * sampling_frequency * _UP), n * _UP // 2 - 2)
    r = np.concatenate((r[-most - 1 :], r[: most + 2]))
    k = 1 + int(np.argmax(np.abs(r[1:-1])))
    left, top, right = np.abs(r[k - 1 : k + 2])
    bend = left - 2 * top + right
    part = float(np.clip((left - right) / (2 * bend), -0.5, 0.5)) if bend < 0 else 0.0
    return (k - most - 1 + part) / (sampling_frequency * _UP), float(r[k])


def tap_offset(
    a: FloatArray,
    b: FloatArray,
    sampling_frequency: float,
    around_s: Sequence[float],
    *,
    kind: Literal["tap", "electrical"] = "tap",
    start_s: float = 0.0,
    before_s: float = MARK_BEFORE_S,
    after_s: float = MARK_AFTER_S,
    half_s: float = 0.15,
) -> EventOffset:
    """Measure the offset of two clocks by artefacts that both channels saw.

    Marks whose neighbourhoods meet are one tap test, in which at most as many artefacts are used as there are marks,
    the clearest first: so no tap counts twice. A mark without one is left out, and said.

    Parameters
    ----------
    a, b : ndarray, shape (n_samples,)
        Two channels on one time base (:func:`emgorder.clock.resample_streams`).
    sampling_frequency : float
        Hz.
    around_s : sequence of float
        When the taps were marked.
    kind : {"tap", "electrical"}
        A finger on both sensors, or an artefact that reaches both electrodes at once.
    start_s : float
        Time of the first sample.
    before_s, after_s : float
        How far before and after a mark its artefact is looked for.
    half_s : float
        How much around it is compared; taps are at least twice this apart.

    Returns
    -------
    EventOffset
        The median offset. Its uncertainty is 2 ms for one mechanical tap, 1.05 ms for five, 0.2 ms for an electrical
        artefact, what noise does to the lag on top, and never less than the scatter of several events says.

    Raises
    ------
    SignalQualityError
        No artefact at all stands out in both channels, is alike there, and is complete.

    Examples
    --------
    >>> t = np.arange(2000) / 1000
    >>> pulse = lambda at: -(t - at) * np.exp(-np.square((t - at) / 4e-3) / 2) + 1e-5 * np.sin(600 * t)
    >>> tap = tap_offset(pulse(1.005), pulse(1.0), 1000.0, [1.6])
    >>> round(tap.offset_s, 3), round(tap.sd_s, 3)
    (0.005, 0.002)
    """
    if not around_s:
        raise SettingsError("no taps: give the time of at least one", key="around_s")
    found: list[_Event] = []
    left_out: list[tuple[str, str]] = []
    for marks in _tests(around_s, before_s + after_s):
        low = max(0, round((marks[0] - start_s - before_s) * sampling_frequency))
        high = min(a.size, round((marks[-1] - start_s + after_s) * sampling_frequency) + 1)
        first_s = start_s + low / sampling_frequency
        good, bad = _events(a[low:high], b[low:high], sampling_frequency, len(marks), first_s=first_s, half_s=half_s)
        found += good
        # Marks without a tap, each with a reason of its own where there is one
        none = ("no tap", f"nothing near {marks[0]:.2f} s stands out in both channels")
        left_out += (bad + [none] * len(marks))[: len(marks) - len(good)]
    if not found:
        reason, why = left_out[0]
        raise SignalQualityError(f"{why}: tap both together, muscles at rest", reason=reason)
    middle = float(np.median([event.lag_s for event in found]))
    agree = [event for event in found if abs(event.lag_s - middle) <= _AGREES_S]
    if 2 * len(agree) > len(found):  # without a majority nobody knows which are right: their scatter says so
        odd = [event for event in found if abs(event.lag_s - middle) > _AGREES_S]
        left_out += [("disagrees", f"the tap at {event.time_s:.2f} s disagrees with the others") for event in odd]
        found = agree
    lags = [event.lag_s for event in found]
    blur_s = math.sqrt(sum(event.blur_s**2 for event in found)) / len(found)
    sd = math.hypot(event_sd(kind, n_taps=len(lags)), blur_s)
    if len(lags) == 2:
        sd = max(sd, abs(lags[1] - lags[0]) / 2)
    elif len(lags) > 2:
        sd = max(sd, float(np.std(lags, ddof=1)) / math.sqrt(len(lags)))
    times = tuple(sorted(event.time_s for event in found))
    alike = min(event.correlation for event in found)
    return EventOffset(float(np.median(lags)), sd, times, alike, tuple(why for _, why in left_out))


@dataclass(frozen=True, slots=True)
class _Event:
    """Something that both channels saw."""

    time_s: float
    lag_s: float
    correlation: float
    blur_s: float  # what noise alone does to the lag


def _tests(marks_s: Sequence[float], reach_s: float) -> list[list[float]]:
    """Return the marks in groups whose neighbourhoods meet."""
    groups: list[list[float]] = []
    for mark_s in sorted(marks_s):
        if groups and mark_s - groups[-1][-1] <= reach_s:
            groups[-1].append(mark_s)
        else:
            groups.append([mark_s])
    return groups


def _events(
    a: FloatArray, b: FloatArray, sampling_frequency: float, most: int, *, first_s: float, half_s: float
) -> tuple[list[_Event], list[tuple[str, str]]]:
    """Return the clearest artefacts that both channels saw, at most `most`, and why others (or any) were of no use."""
    from scipy.ndimage import maximum_filter1d

    good: list[_Event] = []
    bad: list[tuple[str, str]] = []
    if a.size == 0:
        return good, [("no tap", f"there are no samples near {first_s:.2f} s")]
    most_s = 2 * half_s / 3
    half, apart = round(half_s * sampling_frequency), round(most_s * sampling_frequency)
    sizes = [_size(x, round(_SLOW_S * sampling_frequency)) for x in (a, b)]
    for number, size in enumerate(sizes, 1):
        if not size.max() > _STANDS_OUT:
            middle_s = first_s + a.size / sampling_frequency / 2
            return good, [("no tap", f"no tap stands out in channel {number} near {middle_s:.2f} s")]
    wide = [maximum_filter1d(size, 2 * apart + 1, mode="constant") for size in sizes]
    both = np.minimum(*wide)  # how far the lesser of the two stands out, where they may be of one moment
    while len(good) < most:
        k = int(np.argmax(both))
        if not both[k] > _STANDS_OUT:
            break
        near = slice(max(0, k - apart), k + apart + 1)
        centre = near.start + int(np.argmax(sum(size[near] / size[near].max() for size in sizes)))
        both[max(0, min(k, centre - 2 * half)) : max(k, centre + 2 * half) + 1] = 0.0
        time_s = first_s + centre / sampling_frequency
        piece = slice(max(0, centre - half), centre + half + 1)
        x, y = a[piece], b[piece]
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            bad.append(("gap", f"samples are missing in the tap at {time_s:.2f} s"))
            continue
        offset_s, r = lag(x, y, sampling_frequency, most_s=most_s)
        if abs(r) < _ALIKE:
            bad.append(("unlike", f"what stands out at {time_s:.2f} s is not alike in both channels"))
            continue
        blur_s = math.hypot(*(_blur(z, sampling_frequency) for z in (x, y)))
        good.append(_Event(time_s, offset_s, abs(r), blur_s))
    return good, bad


def _blur(x: FloatArray, sampling_frequency: float) -> float:
    """Return how far noise moves the place of an artefact (sd), s: noise over slope, at most 5 ms."""
    variance = (1.4826 * float(np.median(np.abs(np.diff(x))))) ** 2 / 2
    over, reach = max(1, round(4e-3 * sampling_frequency)), round(25e-3 * sampling_frequency)
    middle = x[max(0, x.size // 2 - reach) : x.size // 2 + reach + 1]
    steps = (middle[over:] - middle[:-over]) / over
    energy = float(np.dot(steps, steps)) - 2 * variance / over**2 * steps.size
    return min(math.sqrt(variance / energy) / sampling_frequency, 5e-3) if energy > 0 else 5e-3


def _size(x: FloatArray, slow: int) -> FloatArray:
    """Return how far each sample is from the mean around it, in the usual distance; 0 where it is missing."""
    from scipy.ndimage import uniform_filter1d

    if not np.isfinite(x).any():
        return np.zeros(x.size)
    filled = np.where(np.isfinite(x), x, np.nanmedian(x))
    size = np.abs(x - uniform_filter1d(filled, max(slow, 1)))
    usual = float(np.nanmedian(size))
    if usual == 0:  # a silent channel: whatever is not silence stands out
        usual = float(np.nanmax(size)) / (2 * _STANDS_OUT) or 1.0
    return np.asarray(np.nan_to_num(size / usual))
