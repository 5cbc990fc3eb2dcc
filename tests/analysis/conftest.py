"""Sessions that several tests look at."""

from __future__ import annotations

import pytest

from emgorder.analysis import SessionResult, analyse
from emgorder.model import Recording
from emgorder.simulate import simulate_session


@pytest.fixture(scope="session")
def hamstring_first() -> Recording:
    """Return ten clean lifts with the hamstring 150 ms ahead."""
    return simulate_session(seed=11, mean_difference_s=0.150, lift_sd_s=0.03, outlier_share=0.0, missing_share=0.0)


@pytest.fixture(scope="session")
def hamstring_first_result(hamstring_first: Recording) -> SessionResult:
    """Return its analysis."""
    return analyse(hamstring_first)
