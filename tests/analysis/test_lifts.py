"""What one lift is judged by."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emgorder.analysis import analyse
from emgorder.simulate import simulate_session


@pytest.mark.parametrize(("from_s", "to_s"), [(1.9, 1.0), (1.8, 0.3)])
def test_a_gap_in_the_rest_before_a_lift_is_passed_over_without_a_warning(from_s: float, to_s: float) -> None:
    whole = simulate_session(seed=3, n_lifts=2)
    cue_s = float(whole.events.loc[whole.events["trial_type"] == "cue/R", "onset"].iloc[0])
    data = whole.data.copy()
    data[round((cue_s - from_s) * 1000) : round((cue_s - to_s) * 1000)] = float("nan")
    first, second = analyse(replace(whole, data=data)).lift_results  # pytest makes errors of warnings
    assert second.valid
    assert first.valid or "gap" in first.reason
