from __future__ import annotations

import math
import re
import subprocess
import sys

import numpy as np
import pytest

from emgorder.errors import SettingsError
from emgorder.onset import OnsetMethod, onset_methods
from emgorder.onset.registry import DEFAULT_METHOD, find_method

METHODS = onset_methods()
PUBLISHED = {name: method for name, method in METHODS.items() if not method.has_posterior}


@pytest.mark.parametrize("method", PUBLISHED.values(), ids=PUBLISHED)
def test_each_published_method_names_its_source(method: OnsetMethod) -> None:
    assert re.fullmatch(r"10\.\d{4,}/\S+", method.doi)
    assert re.search(r"(19|20)\d\d", method.citation)
    assert method.title


@pytest.mark.parametrize("method", PUBLISHED.values(), ids=PUBLISHED)
def test_deviations_are_those_of_the_docstring(method: OnsetMethod) -> None:
    words = " ".join((method.detect.__doc__ or "").split())
    assert method.deviations
    assert f"iffers from {method.deviations}" in words or f"iffers from {method.deviations};" in words
    assert method.doi in words


@pytest.mark.parametrize("method", PUBLISHED.values(), ids=PUBLISHED)
def test_each_published_method_places_a_step(method: OnsetMethod) -> None:
    emg = np.random.default_rng(3).standard_normal(1300) * np.where(np.arange(1300) < 1000, 1.0, 10.0)
    onset_s = method.detect(emg, 1000.0, slice(300, 900), **method.defaults)
    assert onset_s == pytest.approx(1.0, abs=0.035)  # the smoothing of NeuroKit2's envelope


@pytest.mark.parametrize("method", PUBLISHED.values(), ids=PUBLISHED)
def test_each_published_method_says_nan_for_a_burst_that_ends(method: OnsetMethod) -> None:
    emg = np.random.default_rng(4).standard_normal(1300) * np.where(np.arange(1300) < 900, 1.0, 0.01)
    assert math.isnan(method.detect(emg, 1000.0, slice(300, 900), **method.defaults))


def test_a_method_takes_bursts_one_by_one_or_together() -> None:
    assert all((m.detect is None) != (m.detect_many is None) for m in METHODS.values())


def test_the_default_is_one_of_them() -> None:
    assert DEFAULT_METHOD in METHODS


def test_names_are_keys_and_the_list_is_a_copy() -> None:
    assert [m.name for m in METHODS.values()] == list(METHODS)
    onset_methods().clear()
    assert onset_methods() == METHODS


def test_an_unknown_method_is_refused_with_the_names() -> None:
    with pytest.raises(SettingsError, match=r"'magic' is no onset method: take one of .*bonato.*merlo") as caught:
        find_method("magic")
    assert caught.value.key == "method"


def test_importing_the_registry_loads_no_heavy_package() -> None:
    code = "import sys, emgorder.onset.registry; print([m for m in ('neurokit2', 'sklearn') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_neurokit_alone_is_its_own_default() -> None:
    assert find_method("neurokit") == METHODS["neurokit_threshold"]
