"""Headers as people write them, and labels as files hold them."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emgorder.io.headers import parse_header, signal_unit, tidy_labels, time_unit, unique_labels


@pytest.mark.parametrize(
    ("text", "label", "unit"),
    [
        ("GMAX_R_uV", "GMAX_R", "uV"),
        ("GMAX_R [mV]", "GMAX_R", "mV"),
        ("BF (µV)", "BF", "uV"),
        ("BF (\u03bcV)", "BF", "uV"),
        ("BF / mV", "BF", "mV"),
        ("BF_V", "BF", "V"),
        ("EMG 1 (ADC)", "EMG 1", "au"),
        ("GMAX_au", "GMAX", "au"),
        ("GMAX (a.u.)", "GMAX", "au"),
        ("BF_V_uV", "BF_V", "uV"),
        ("V1", "V1", ""),
        ("FX_deg", "FX_deg", ""),
        ("ST", "ST", ""),
        ("time_uV", "time", "uV"),
        ("event_au", "event", "au"),
    ],
)
def test_label_and_unit_are_told_apart(text: str, label: str, unit: str) -> None:
    header = parse_header(text, 1)
    assert (header.label, header.unit, header.role) == (label, unit, "signal")


@pytest.mark.parametrize(
    ("text", "role", "unit"),
    [
        ("time_s", "time", "s"),
        ("Time [s]", "time", "s"),
        ("t", "time", ""),
        ("timestamp (µs)", "time", "us"),
        ("ms", "time", "ms"),
        ("event", "event", ""),
        ("Marker", "event", ""),
        ("trial_type", "event", ""),
    ],
)
def test_times_and_events_are_recognised(text: str, role: str, unit: str) -> None:
    header = parse_header(text, 3)
    assert (header.role, header.unit) == (role, unit)


@pytest.mark.parametrize("text", ["", "Unnamed: 0", "Sample", "frame"])
def test_only_the_first_column_may_count_rows(text: str) -> None:
    assert parse_header(text, 0).role == "counter"
    assert parse_header(text, 1).role == "signal"


def test_a_column_without_a_name_is_named_after_its_place() -> None:
    assert parse_header("", 2).label == "ch3"
    assert parse_header("(mV)", 2).label == "ch3"


def test_units_are_known_in_any_case_and_spelling() -> None:
    assert [signal_unit(x) for x in ("V", "volts", "MV", "microvolts", "counts", "g")] == [
        "V",
        "V",
        "mV",
        "uV",
        "au",
        "",
    ]
    assert [time_unit(x) for x in ("Seconds", "msec", "\u03bcs", "min")] == ["s", "ms", "us", ""]


@example(["0000000000000:0", "0000000000000:0"])
@given(st.lists(st.text(max_size=40), max_size=8))
def test_tidy_labels_are_unique_short_and_harmless_anywhere(labels: list[str]) -> None:
    tidy = tidy_labels(labels)
    assert len(set(tidy)) == len(labels)
    assert all(re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9_.+-]{0,14}[A-Za-z0-9])?", label) for label in tidy)
    assert tidy_labels(tidy) == tidy


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5), st.sampled_from(["V", "mV", "uV", "nV", "au"]))
def test_a_tidy_label_with_a_unit_reads_back_as_itself(labels: list[str], unit: str) -> None:
    for label in tidy_labels(labels):
        header = parse_header(f"{label}_{unit}", 0)
        assert (header.label, header.unit, header.role) == (label, unit, "signal")


@given(st.lists(st.sampled_from(["BF", "BF_2", "BF_3", "ST"]), max_size=8))
def test_repeated_labels_are_numbered_without_touching_the_others(labels: list[str]) -> None:
    unique = unique_labels(labels)
    assert len(set(unique)) == len(labels)
    first_places = {labels.index(label) for label in labels}
    assert all(unique[i] == labels[i] for i in first_places)
