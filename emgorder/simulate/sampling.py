"""When a sensor takes its samples, in true time, and what its clock shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emgorder.arguments import require_within
from emgorder.model import FloatArray

__all__ = ["SampleTimes", "TwoSensors", "sample_times"]


@dataclass(frozen=True, slots=True)
class SampleTimes:
    """True times of the samples of one channel: ``start_s + k / rate_Hz``.

    ``rate_Hz`` and ``start_s`` differ from the nominal rate and 0 where the sensor's clock drifts and is offset.
    """

    n_samples: int
    rate_Hz: float
    start_s: float = 0.0

    @property
    def times_s(self) -> FloatArray:
        """All sample times, shape (n_samples,)."""
        return self.start_s + np.arange(self.n_samples) / self.rate_Hz

    def span(self, start_s: float, stop_s: float) -> slice:
        """Return the samples from `start_s` (included) to `stop_s` (excluded)."""
        first, last = (
            int(min(max(np.ceil((t - self.start_s) * self.rate_Hz), 0), self.n_samples)) for t in (start_s, stop_s)
        )
        return slice(first, max(first, last))


def sample_times(
    n_samples: int, sampling_frequency: float, *, clock_offset_s: float = 0.0, clock_drift_ppm: float = 0.0
) -> SampleTimes:
    """Return when a sensor samples whose clock shows ``t * (1 + drift) + offset`` at the true time ``t``.

    Examples
    --------
    >>> sample_times(1000, 1000.0, clock_offset_s=0.004).start_s
    -0.004
    """
    pace = 1.0 + 1e-6 * clock_drift_ppm
    return SampleTimes(n_samples, sampling_frequency * pace, -clock_offset_s / pace)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoSensors:
    """Glute and hamstring on a sensor each; the hamstring's clock is right, the glute's is not.

    Attributes
    ----------
    offset_s : float
        Glute's clock minus hamstring's clock at the start.
    drift_ppm : float
        How much faster the glute's clock runs.
    known_offset_s : float
        What the recording says the offset is (``Recording.clock.offset_s``).
    sd_s : float
        What it says its uncertainty is (``Recording.clock.sd_s``).
    """

    offset_s: float = 0.0
    drift_ppm: float = 0.0
    known_offset_s: float = 0.0
    sd_s: float = 0.002

    def __post_init__(self) -> None:
        """Check every value."""
        require_within("offset_s", self.offset_s, -10.0, 10.0)
        require_within("drift_ppm", self.drift_ppm, -10_000.0, 10_000.0)
        require_within("known_offset_s", self.known_offset_s, -10.0, 10.0)
        require_within("sd_s", self.sd_s, 0.0, 10.0)

    def shown_s(self, true_s: float) -> float:
        """Return what the glute's clock shows at a true time."""
        return true_s * (1.0 + 1e-6 * self.drift_ppm) + self.offset_s
