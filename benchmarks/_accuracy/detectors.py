"""The methods that are compared: the package's registry, with NeuroKit2 in it, and BioSPPy's finders."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import lru_cache

from _accuracy.biosppy_peers import biosppy_methods
from emgorder.model import FloatArray, Onset
from emgorder.onset.detect import place_onset
from emgorder.onset.registry import DEFAULT_METHOD, OnsetMethod, onset_methods
from emgorder.onset.usable import check_signal, condition, hide_pads

__all__ = ["analysis_name", "detectors", "find_onset", "find_onsets", "is_own", "with_posterior"]

OWN = "This package"  # how the registry cites what nobody else has published


@lru_cache(maxsize=1)
def detectors() -> dict[str, OnsetMethod]:
    """Return every method by name."""
    return {**onset_methods(), **{method.name: method for method in biosppy_methods()}}


def is_own(name: str) -> bool:
    """Tell whether a row is of this package's own methods, not of one that was published elsewhere."""
    return name not in detectors() or detectors()[name].citation.startswith(OWN)


def with_posterior() -> list[str]:
    """Return the names of the methods that say how sure they are."""
    return [name for name, method in detectors().items() if method.has_posterior]


def analysis_name(method: str) -> str:
    """Return how tables call the whole analysis with a method."""
    return "analyse" if method == DEFAULT_METHOD else f"analyse, {method}"


def find_onset(method: OnsetMethod, conditioned: FloatArray, sampling_frequency: float) -> Onset:
    """Return the onset of one burst by one method; all are given the same rest, gaps and conditioning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the peers' own
        return place_onset(conditioned, sampling_frequency, method)


def find_onsets(
    signal: FloatArray, sampling_frequency: float, methods: Mapping[str, OnsetMethod] | None = None
) -> dict[str, Onset]:
    """Return the onset of the burst in a raw signal by every method, or by those that are given."""
    bare = hide_pads(check_signal(signal, sampling_frequency), sampling_frequency)
    shown = condition(bare, sampling_frequency, conditioned=False)
    chosen = detectors() if methods is None else methods
    return {name: find_onset(method, shown, sampling_frequency) for name, method in chosen.items()}
