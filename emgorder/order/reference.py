"""What a muscle's full effort (or another contraction to refer to) reads, and how well that is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from emgorder.model import FloatArray
from emgorder.order.amplitude import moving_power
from emgorder.order.logscale import MANY, LogEstimate, log_mean

__all__ = ["MvcReference", "reference_from_trials", "reference_from_values"]

Source: TypeAlias = Literal["recording", "other recording", "sidecar"]

WINDOW_S = 0.5
STEP_S = 0.05
ONE_TRIAL_LOG_SD = 0.10  # of one trial against the person's best; *judged*: nothing in it tells how full it was
EFFORT_SHARE = 0.5  # windows and trials below half of the highest are no part of a full effort
FAST_S, SLOW_S = 0.025, 0.05  # the waveform forgets itself within the first; what lasts until the second is effort


@dataclass(frozen=True, slots=True)
class MvcReference:
    """Full effort of one channel.

    Attributes
    ----------
    channel : str
        Label.
    rms : float
        Noise-corrected RMS of the highest 500 ms, in the unit of the channel; NaN where there is none.
    log_sd : float
        Standard uncertainty of its logarithm (0.1 is about 10 %); 0 where nothing tells it.
    dof : float
        Degrees of freedom of that uncertainty: the spread of few trials is known no better than their number allows.
    n_trials : int
        Trials it is made from.
    source : {"recording", "other recording", "sidecar"}
        Where the trials are.
    reason : str
        Why it cannot be used, in words; empty where it can.
    full : bool
        Whether it is a full effort. A submaximal contraction only tells how the same muscle changes.
    """

    channel: str
    rms: float = math.nan
    log_sd: float = 0.0
    dof: float = MANY
    n_trials: int = 0
    source: Source = "recording"
    reason: str = ""
    full: bool = True

    @property
    def usable(self) -> bool:
        """Whether a share of it can be told."""
        return not self.reason and self.rms > 0 and self.log_sd >= 0 and self.dof > 0

    @property
    def estimate(self) -> LogEstimate:
        """Its logarithm."""
        return LogEstimate(math.log(self.rms), self.log_sd**2, self.dof)


def reference_from_values(channel: str, values: Sequence[float]) -> MvcReference:
    """Return the reference that somebody measured: the highest of the trials' values, their spread as its uncertainty.

    Examples
    --------
    >>> reference = reference_from_values("GMAX_R", [1.0e-4, 1.2e-4, 1.1e-4])
    >>> round(1e6 * reference.rms), round(reference.log_sd, 3), reference.n_trials
    (120, 0.053, 3)
    """
    given = np.array([v for v in values if math.isfinite(v) and v > 0])
    if not given.size:
        return MvcReference(channel, source="sidecar", reason="the sidecar's full effort is no positive number")
    return _reference(channel, LogEstimate(math.log(given.max()), 0.0), np.log(given).tolist(), "sidecar")


def reference_from_trials(
    channel: str,
    trials: Sequence[FloatArray],
    sampling_frequency: float,
    *,
    baseline_rms: float = 0.0,
    source: Source = "recording",
) -> MvcReference:
    """Return the noise-corrected RMS of the highest 500 ms of all trials, without the luck that is in a highest value.

    The highest of many windows is partly the highest waveform, not the highest effort. How much a window's RMS owes to
    its waveform follows from how fast the squared signal forgets itself; the distance of the highest window from the
    mean of all windows of full effort is shortened to what the effort alone would give.

    Parameters
    ----------
    channel : str
        Label.
    trials : sequence of ndarray, shape (n_samples,)
        Conditioned EMG of each full effort; NaN is a lost sample.
    sampling_frequency : float
        Hz.
    baseline_rms : float
        RMS of rest, same unit.
    source : {"recording", "other recording", "sidecar"}
        Where the trials are.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> reference = reference_from_trials("GMAX_R", [2e-4 * rng.normal(size=4000) for _ in range(3)], 1000.0)
    >>> round(1e6 * reference.rms), reference.n_trials
    (203, 3)
    """
    levels = [_levels(trial, sampling_frequency, baseline_rms) for trial in trials]
    whole = [(trial, level) for trial, level in zip(trials, levels, strict=True) if level.size and level.max() > 0]
    if not whole:
        return MvcReference(channel, source=source, reason="no full effort of half a second stands out of rest")
    highest = max(float(level.max()) for _, level in whole)
    efforts = [(trial, level) for trial, level in whole if level.max() > EFFORT_SHARE * highest]
    windows = np.log(np.concatenate([level[level > EFFORT_SHARE * highest] for _, level in efforts]))
    mean, spread = float(windows.mean()), float(windows.var())
    luck = float(np.mean([_luck(trial, sampling_frequency) for trial, _ in efforts]))
    real = max(0.0, 1.0 - luck / spread) if spread > 0 else 0.0
    height = mean + math.sqrt(real) * (math.log(highest) - mean)
    independent = max(1.0, windows.size * STEP_S / WINDOW_S)
    estimate = LogEstimate(height, luck * real + luck / independent)
    return _reference(channel, estimate, [math.log(level.max()) for _, level in efforts], source)


def _reference(channel: str, height: LogEstimate, trials: Sequence[float], source: Source) -> MvcReference:
    """Return a reference with the spread of its trials (logarithms) in its uncertainty."""
    if len(trials) > 1:
        height = height.minus(replace(log_mean(trials), mean=0.0))
    else:
        height = replace(height, variance=height.variance + ONE_TRIAL_LOG_SD**2)
    return MvcReference(
        channel,
        rms=math.exp(height.mean),
        log_sd=math.sqrt(height.variance),
        dof=min(height.dof, MANY),
        n_trials=len(trials),
        source=source,
    )


def _levels(trial: FloatArray, fs: float, baseline_rms: float) -> FloatArray:
    """Return the noise-corrected RMS of every whole window of a trial, a step of 50 ms apart."""
    width, step = round(WINDOW_S * fs), max(1, round(STEP_S * fs))
    if trial.size < width:
        return np.empty(0)
    middle = np.arange(width // 2, trial.size - (width - 1) // 2, step)
    levels: FloatArray = np.sqrt(np.maximum(moving_power(trial, width)[middle] - baseline_rms**2, 0.0))
    return levels


def _luck(trial: FloatArray, fs: float) -> float:
    """Return the variance of the log RMS of one window that is due to the waveform alone."""
    power = np.nan_to_num(trial**2)
    power = power[moving_power(trial, round(WINDOW_S * fs)) > (EFFORT_SHARE**2) * power.mean()]
    fast, slow = round(FAST_S * fs), round(SLOW_S * fs)
    if power.size <= 2 * slow:
        return 0.0
    centred = power - power.mean()
    covariance = np.array([float(np.mean(centred[k:] * centred[: centred.size - k])) for k in range(slow)])
    lasting = float(covariance[fast:].mean())
    short = covariance[:fast] - lasting
    variance_of_mean = max(0.0, float(short[0] + 2.0 * short[1:].sum())) / round(WINDOW_S * fs)
    return variance_of_mean / (4.0 * float(power.mean()) ** 2)
