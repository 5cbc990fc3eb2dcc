from __future__ import annotations

import numpy as np

from emgorder.model import Lift, LiftOrder, LiftResult, MuscleLift, Onset, Trace


def test_a_lift_that_is_moved_takes_all_its_times_along() -> None:
    trace = Trace(0.5, 0.004, np.zeros(3), np.ones(3), np.ones(3))
    muscle = MuscleLift("GMAX_R", "GMAX", "V", Onset(time_s=1.0, low_s=0.9, high_s=1.1), trace=trace)
    lift = Lift(1, "R", 0.0, 4.0, cue_s=0.8)
    result = LiftResult(lift, (muscle,), LiftOrder(difference_s=0.1), valid=True, hold_stop_s=3.0)
    moved = result.shifted(10.0)
    assert (moved.lift.start_s, moved.lift.cue_s, moved.lift.stop_s) == (10.0, 10.8, 14.0)
    assert moved.hold_stop_s == 13.0
    [there] = moved.muscles
    assert (there.onset.low_s, there.onset.time_s, there.onset.high_s) == (10.9, 11.0, 11.1)
    assert there.trace is not None
    assert there.trace.start_s == 10.5
    assert moved.order.difference_s == 0.1
