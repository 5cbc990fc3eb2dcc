"""Where muscle bursts begin: one burst, a whole signal, and the detectors to choose from."""

from emgorder.onset.continuous import detect_onsets
from emgorder.onset.detect import detect_onset
from emgorder.onset.registry import OnsetMethod, onset_methods

__all__ = ["OnsetMethod", "detect_onset", "detect_onsets", "onset_methods"]
