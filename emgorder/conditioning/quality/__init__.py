"""How good a signal is: what disturbs each channel, in plain words, and what to do about it."""

from emgorder.conditioning.quality.assess import assess
from emgorder.conditioning.quality.held import estimate_true_rate

__all__ = ["assess", "estimate_true_rate"]
