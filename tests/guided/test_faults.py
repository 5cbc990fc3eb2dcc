"""Faults: shown while they last, and gone when they are over."""

from __future__ import annotations

from emgorder.acquisition.clocks import FastClock
from emgorder.acquisition.recorder import Mark, Segment
from emgorder.acquisition.transport import LinkEvent, Packet, SensorInfo
from emgorder.guided.faults import Faults

PAIR = (SensorInfo("a", "EMGO a", "emgo1"), SensorInfo("b", "EMGO b", "emgo1"))
LABELS = {"a": ["GMAX_R"], "b": ["BF_R"]}


def faults() -> Faults:
    return Faults(PAIR, LABELS, FastClock())


def test_a_lost_sensor_is_named_by_its_muscle_until_it_is_back() -> None:
    known = faults()
    known(LinkEvent("b", 1.0, "up"))
    known(LinkEvent("b", 2.0, "down", False, "out of reach"))
    (check,) = known.checks()
    assert check.state == "stop"
    assert check.text == "The sensor on the hamstring is lost."
    assert "can be repeated" in check.remedy
    known(LinkEvent("b", 3.0, "up"))
    assert known.checks() == ()
    assert known.n_events == 1


def test_our_own_disconnecting_is_no_fault() -> None:
    known = faults()
    known(LinkEvent("a", 1.0, "down", True, "closed"))
    assert known.checks() == ()


def test_a_low_battery_is_said_until_it_is_charged() -> None:
    known = faults()
    known(LinkEvent("a", 1.0, "battery", False, "12"))
    assert known.checks()[0].text == "The sensor on the glute: battery 12 %."
    known(LinkEvent("a", 2.0, "battery", False, "90"))
    assert known.checks() == ()


def test_loss_is_said_for_a_while() -> None:
    clock = FastClock()
    known = Faults(PAIR, LABELS, clock)
    known(LinkEvent("a", 0.0, "loss", False, "20 samples"))
    assert "loses samples (20 samples)" in known.checks()[0].text
    clock._now = 60.0
    assert known.checks() == ()


def test_what_the_recorder_notes_is_shown_and_only_the_last_of_it() -> None:
    known = faults()
    known(LinkEvent("", 0.0, "note", False, "the disk is nearly full: 10 MB are free"))
    known(Segment("", 1.0, "suspend", 100.0, True, "the computer slept for 100.0 s"))
    assert [check.text for check in known.checks()] == [
        "The disk is nearly full: 10 MB are free.",
        "The computer slept for 100.0 s.",
    ]
    for number in range(10):
        known(LinkEvent("", 2.0, "note", False, f"{number} \x1b[31mred"))
    assert len(known.checks()) <= 3
    assert "\x1b" not in known.checks()[-1].text


def test_attempts_to_reach_a_lost_sensor_are_not_said_beside_that_it_is_lost() -> None:
    known = faults()
    known(LinkEvent("a", 0.0, "down", False, "out of reach"))
    known(LinkEvent("a", 1.0, "note", False, "attempt 1 to reconnect failed"))
    assert [check.text for check in known.checks()] == ["The sensor on the glute is lost."]
    known(LinkEvent("a", 2.0, "up"))
    assert known.checks() == ()


def test_packets_and_marks_are_none() -> None:
    known = faults()
    known(Packet("a", 0.0, b""))
    known(Mark(0.0, "note", "text"))
    assert known.checks() == ()
