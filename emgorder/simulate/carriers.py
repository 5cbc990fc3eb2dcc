"""The interference pattern of a muscle: what its EMG is made of once it is active."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np

from emgorder.arguments import require_choice, require_within
from emgorder.model import FloatArray
from emgorder.simulate.noise import coloured_noise

__all__ = ["CARRIERS", "Carrier", "CarrierKind", "draw_carrier", "emg_spectrum", "front_end", "interference"]

CarrierKind: TypeAlias = Literal["gaussian", "modulated", "motor_units"]
CARRIERS: tuple[CarrierKind, ...] = get_args(CarrierKind)

FRONT_END_HZ = (10.0, 450.0)  # band of a usual surface EMG amplifier
NYQUIST_SHARE = 0.45  # where the anti-alias filter of a slow sensor ends the band, share of its sampling frequency
TEXTURE_HZ = 40.0  # groups of motor units beat within about 25 ms

# Ranges that a muscle is drawn from. These corners give median frequencies of 59 to 112 Hz; plateaus of public
# recordings of lifting, walking and leg flexion have 64 to 102 Hz (medians of the data sets).
LOW_CORNER_HZ = (30.0, 70.0)
HIGH_CORNER_HZ = (80.0, 150.0)
TEXTURE = (0.2, 0.6)  # kurtosis 3.5 to 13; plateaus of eight public data sets have medians of 2.7 to 13
WANDER = (0.10, 0.35)
WANDER_HZ = (2.0, 8.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """What the EMG of one muscle looks like.

    Attributes
    ----------
    kind : {"gaussian", "modulated", "motor_units"}
        Coloured Gaussian noise; the same with a heavy-tailed texture; a pool of motor units that are recruited in
        order of size.
    low_corner_Hz, high_corner_Hz : float
        Corners of :func:`emg_spectrum` (the motor units bring their own spectrum).
    texture : float
        SD of the log amplitude of the fast texture of ``"modulated"``.
    wander : float
        SD of the log amplitude of the slow wandering of the plateau.
    wander_Hz : float
        Bandwidth of that wandering.
    """

    kind: CarrierKind = "gaussian"
    low_corner_Hz: float = 50.0
    high_corner_Hz: float = 110.0
    texture: float = 0.45
    wander: float = 0.2
    wander_Hz: float = 4.0

    def __post_init__(self) -> None:
        """Check every value."""
        require_choice("kind", self.kind, CARRIERS)
        require_within("low_corner_Hz", self.low_corner_Hz, 5.0, 500.0)
        require_within("high_corner_Hz", self.high_corner_Hz, self.low_corner_Hz, 1000.0)
        require_within("texture", self.texture, 0.0, 2.0)
        require_within("wander", self.wander, 0.0, 2.0)
        require_within("wander_Hz", self.wander_Hz, 0.1, 50.0)


def draw_carrier(rng: np.random.Generator, kinds: tuple[CarrierKind, ...] = CARRIERS) -> Carrier:
    """Return the carrier of a random muscle.

    Examples
    --------
    >>> draw_carrier(np.random.default_rng(1), ("gaussian",)).kind
    'gaussian'
    """
    return Carrier(
        kind=kinds[int(rng.integers(len(kinds)))],
        low_corner_Hz=float(rng.uniform(*LOW_CORNER_HZ)),
        high_corner_Hz=float(rng.uniform(*HIGH_CORNER_HZ)),
        texture=float(rng.uniform(*TEXTURE)),
        wander=float(rng.uniform(*WANDER)),
        wander_Hz=float(rng.uniform(*WANDER_HZ)),
    )


def emg_spectrum(frequency_Hz: FloatArray, low_corner_Hz: float = 50.0, high_corner_Hz: float = 110.0) -> FloatArray:
    """Return the power spectrum of surface EMG (arbitrary scale).

    References
    ----------
    Shwedyk E, Balasubramanian R, Scott RN (1977). A nonstationary model for the electromyogram. IEEE Trans Biomed Eng
    24:417-424.
    Stulen FB, De Luca CJ (1981). Frequency parameters of the myoelectric signal as a measure of muscle conduction
    velocity. IEEE Trans Biomed Eng 28:515-523. https://doi.org/10.1109/TBME.1981.324738

    Examples
    --------
    >>> f = np.arange(500.0)
    >>> int(f[np.argmax(emg_spectrum(f))])
    58
    """
    f2, low2, high2 = frequency_Hz**2, low_corner_Hz**2, high_corner_Hz**2
    return high2**2 * f2 / ((f2 + low2) * (f2 + high2) ** 2)


def front_end(frequency_Hz: FloatArray, sampling_frequency: float) -> FloatArray:
    """Return the power response of amplifier and anti-alias filter (second-order slopes).

    Examples
    --------
    >>> front_end(np.array([0.0, 100.0, 450.0]), 2000.0).round(2).tolist()
    [0.0, 1.0, 0.5]
    """
    low_Hz, high_Hz = FRONT_END_HZ[0], min(FRONT_END_HZ[1], NYQUIST_SHARE * sampling_frequency)
    f4 = frequency_Hz**4
    return f4 / (f4 + low_Hz**4) / (1.0 + f4 / high_Hz**4)


def interference(rng: np.random.Generator, n_samples: int, sampling_frequency: float, carrier: Carrier) -> FloatArray:
    """Return the stationary EMG of a noise carrier, expected power 1, shape (n_samples,).

    Examples
    --------
    >>> x = interference(np.random.default_rng(1), 50_000, 1000.0, Carrier(kind="modulated"))
    >>> bool(0.9 < np.mean(x**2) < 1.1), bool(np.mean(x**4) > 4.0)
    (True, True)
    """
    noise = coloured_noise(
        rng,
        n_samples,
        sampling_frequency,
        lambda f: emg_spectrum(f, carrier.low_corner_Hz, carrier.high_corner_Hz) * front_end(f, sampling_frequency),
    )
    if carrier.kind == "modulated":
        beat = coloured_noise(rng, n_samples, sampling_frequency, lambda f: np.exp(-((f / TEXTURE_HZ) ** 2)))
        noise *= np.exp(carrier.texture * beat - carrier.texture**2)
    return noise
