"""A suspend, a stall and a step of the wall clock are told from each other and from ordinary time."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.acquisition.host import HostTimes, HostWatch, read_host_times

START = HostTimes(1000.0, 1.7e9, 5000.0)


def after(ran_s: float, *, step_s: float = 0.0, asleep_s: float = 0.0) -> HostTimes:
    return HostTimes(START[0] + ran_s, START[1] + ran_s + asleep_s + step_s, 5000.0 + ran_s + asleep_s)


@given(st.floats(0.0, 1e5), st.floats(-5e-4, 5e-4))
def test_time_that_passes_and_a_clock_that_is_slewed_are_no_jump(ran_s: float, rate: float) -> None:
    watch, times = HostWatch(START), START
    for n in range(1, 4):
        ran = min(ran_s, 100.0)
        times = HostTimes(START[0] + n * ran, START[1] + n * ran * (1 + rate), 5000.0 + n * ran)
        assert watch.look(times) == []


@pytest.mark.parametrize("step_s", [-86400.0, -0.5, 0.5, 3600.0])
def test_a_step_of_the_wall_clock_leaves_sample_times_alone(step_s: float) -> None:
    (jump,) = HostWatch(START).look(after(0.5, step_s=step_s), slept_for_s=0.5)
    assert (jump.reason, jump.refit) == ("clock step", False)
    assert jump.seconds == pytest.approx(step_s, abs=1e-5)
    assert "times of samples are not touched" in jump.text


@pytest.mark.parametrize("asleep_s", [0.5, 30.0, 8 * 3600.0])
def test_a_suspend_breaks_sample_times_and_is_no_step(asleep_s: float) -> None:
    (jump,) = HostWatch(START).look(after(0.5, asleep_s=asleep_s, step_s=0.9), slept_for_s=0.5)
    assert (jump.reason, jump.refit) == ("suspend", True)
    assert jump.seconds == pytest.approx(asleep_s)


def test_a_suspend_and_a_step_at_once_are_both_told() -> None:
    found = HostWatch(START).look(after(0.5, asleep_s=60.0, step_s=-3600.0))
    assert [jump.reason for jump in found] == ["suspend", "clock step"]


def test_a_process_that_did_not_run_for_seconds_is_told_only_where_it_meant_to_sleep_less() -> None:
    (jump,) = HostWatch(START).look(after(20.5), slept_for_s=0.5)
    assert (jump.reason, jump.seconds, jump.refit) == ("stall", 20.0, True)
    assert HostWatch(START).look(after(20.5)) == []


@pytest.mark.skipif(sys.platform == "win32", reason="the monotonic clock of Windows goes on while it sleeps")
def test_without_a_clock_that_sleeps_along_a_jump_ahead_may_be_either() -> None:
    watch = HostWatch(START._replace(with_sleep_s=None))
    (jump,) = watch.look(after(0.5, step_s=40.0)._replace(with_sleep_s=None))
    assert (jump.reason, jump.refit) == ("suspend or clock step", True)


def test_a_jump_is_told_once() -> None:
    watch = HostWatch(START)
    assert len(watch.look(after(0.5, step_s=3600.0))) == 1
    assert watch.look(after(1.0, step_s=3600.0)) == []


def test_the_clocks_of_this_machine_do_not_go_back() -> None:
    first, second = read_host_times(), read_host_times()
    assert second.monotonic_s >= first.monotonic_s
    assert first.wall_s > 1.6e9
    if sys.platform in ("linux", "darwin"):
        assert first.with_sleep_s is not None
        assert second.with_sleep_s is not None
        assert second.with_sleep_s >= first.with_sleep_s
