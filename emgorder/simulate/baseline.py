"""What a channel shows at rest: noise that wanders, stray potentials, a muscle that does not relax."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from emgorder.arguments import require_choice, require_within
from emgorder.model import FloatArray
from emgorder.simulate.carriers import Carrier, front_end, interference
from emgorder.simulate.noise import coloured_noise, slow_noise, stream

__all__ = ["Baseline", "resting_signal"]

PINK_CORNER_HZ = 60.0  # below it the noise of the electrode-skin contact rises ...
PINK_SLOPE = 1.5  # ... with this power of the frequency
WANDER_HZ = 0.8  # rest levels of real recordings hold for about 0.4 s
LOG_POWER = math.log(10.0) / 10.0
TENSION_WANDER_HZ = 0.3
TENSION_WANDER = 0.25  # SD of the log amplitude of tonic activity
STRAY_DB = (3.0, 20.0)  # peak of a stray potential over the baseline RMS
STRAY_WIDTH_S = (0.0015, 0.0040)
STRAY_MOST = 5  # potentials in one stray; together they last about 35 ms
STRAY_GO_ON = 0.6  # probability of a further one
STRAY_GAP_S = (0.006, 0.018)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What a channel shows at rest, relative to its baseline RMS.

    Attributes
    ----------
    colour : {"white", "pink"}
        Flat within the band of the amplifier, or rising towards low frequencies as electrode noise does.
    wander_dB : float
        SD of the slow wandering of the level. Real rests wander by up to 4 dB: 2 is typical.
    strays_per_s : float
        Rate of strays: one to five potentials in a row, 3-20 dB above the RMS, then rest again. About 0.5
        makes rests like real ones. Not counted in the baseline RMS.
    tension_dB : float or None
        Power of tonic EMG (a muscle that does not relax) over that of the noise; None: relaxed. The baseline RMS is
        that of both together.
    """

    colour: Literal["white", "pink"] = "pink"
    wander_dB: float = 0.0
    strays_per_s: float = 0.0
    tension_dB: float | None = None

    def __post_init__(self) -> None:
        """Check every value."""
        require_choice("colour", self.colour, ("white", "pink"))
        require_within("wander_dB", self.wander_dB, 0.0, 20.0)
        require_within("strays_per_s", self.strays_per_s, 0.0, 100.0)
        if self.tension_dB is not None:
            require_within("tension_dB", self.tension_dB, -60.0, 60.0)


def resting_signal(
    seed: int,
    channel: str,
    n_samples: int,
    sampling_frequency: float,
    *,
    baseline: Baseline,
    carrier: Carrier,
) -> FloatArray:
    """Return the signal of a channel at rest, expected power 1 without the stray potentials.

    Parameters
    ----------
    seed : int
        Seed of the simulation.
    channel : str
        Name of the channel: channels draw independent noise.
    n_samples : int
        Length.
    sampling_frequency : float
        Hz.
    baseline : Baseline
        What rest is like.
    carrier : Carrier
        Spectrum of the muscle under the electrodes, for its tonic activity.

    Returns
    -------
    ndarray, shape (n_samples,)

    Examples
    --------
    >>> x = resting_signal(1, "GMAX_R", 50_000, 1000.0, baseline=Baseline(wander_dB=2.0), carrier=Carrier())
    >>> bool(0.85 < np.mean(x**2) < 1.15)
    True
    """

    def density(frequency_Hz: FloatArray) -> FloatArray:
        passed = front_end(frequency_Hz, sampling_frequency)
        if baseline.colour == "white":
            return passed
        return passed * (1.0 + (PINK_CORNER_HZ / np.maximum(frequency_Hz, 1.0)) ** PINK_SLOPE)

    rest = coloured_noise(stream(seed, "floor", channel), n_samples, sampling_frequency, density)
    if baseline.wander_dB > 0:
        course = slow_noise(stream(seed, "rest wander", channel), n_samples, sampling_frequency, WANDER_HZ)
        # The second term keeps the mean power of a log-normal level at 1.
        rest *= np.exp(0.5 * LOG_POWER * baseline.wander_dB * course - 0.25 * (LOG_POWER * baseline.wander_dB) ** 2)
    if baseline.tension_dB is not None:
        ratio = 10.0 ** (baseline.tension_dB / 10.0)
        rng = stream(seed, "tension", channel)
        course = slow_noise(rng, n_samples, sampling_frequency, TENSION_WANDER_HZ)
        tonic = interference(rng, n_samples, sampling_frequency, carrier)
        tonic *= np.exp(TENSION_WANDER * course - TENSION_WANDER**2)
        rest = (rest + math.sqrt(ratio) * tonic) / math.sqrt(1.0 + ratio)
    if baseline.strays_per_s > 0:
        rest += _strays(stream(seed, "strays", channel), n_samples, sampling_frequency, baseline.strays_per_s)
    return rest


def _strays(rng: np.random.Generator, n_samples: int, sampling_frequency: float, rate_Hz: float) -> FloatArray:
    duration_s = n_samples / sampling_frequency
    n = int(rng.poisson(rate_Hz * duration_s))
    gaps_s = rng.uniform(*STRAY_GAP_S, (n, STRAY_MOST))
    gaps_s[:, 0] = rng.uniform(0.0, duration_s, n)
    follows = np.cumprod(rng.random((n, STRAY_MOST - 1)) < STRAY_GO_ON, axis=1).astype(np.bool_)
    present = np.concatenate([np.ones((n, 1), dtype=np.bool_), follows], axis=1)
    centre_s = np.cumsum(gaps_s, axis=1)[present]
    width_s = rng.uniform(*STRAY_WIDTH_S, centre_s.size)
    peak = 10.0 ** (rng.uniform(*STRAY_DB, centre_s.size) / 20.0) * rng.choice(np.array([-1.0, 1.0]), centre_s.size)
    reach_s = 4.0 * STRAY_WIDTH_S[1]
    first = np.ceil((centre_s - reach_s) * sampling_frequency).astype(np.intp)
    index = first[:, None] + np.arange(math.ceil(2.0 * reach_s * sampling_frequency))
    scaled = (index / sampling_frequency - centre_s[:, None]) / width_s[:, None]
    value = -peak[:, None] * math.sqrt(2.0 * math.e) * scaled * np.exp(-(scaled**2))
    inside = (index >= 0) & (index < n_samples)
    return np.bincount(index[inside], weights=value[inside], minlength=n_samples).astype(np.float64)
