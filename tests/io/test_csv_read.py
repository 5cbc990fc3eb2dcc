"""Tables as they come: read, with a remark that says where something was repaired or assumed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from emgorder.errors import EmgOrderWarning, RecordingError
from emgorder.io import read_recording
from emgorder.model import FloatArray, Recording

Read = Callable[..., tuple[Recording, list[str]]]
Refuse = Callable[..., RecordingError]


def assert_same_samples(recording: Recording, samples_uV: FloatArray) -> None:
    assert recording.sampling_frequency == 1000.0
    np.testing.assert_array_equal(recording.data, samples_uV / 1e6)


def only(texts: list[str], *words: str) -> None:
    """Assert that there is one text, and that it holds all the words."""
    assert len(texts) == 1, texts
    for word in words:
        assert word in texts[0], texts[0]


# What needs no remark


def test_a_bare_file_is_read_without_a_remark(read: Read, lines: list[str], samples_uV: FloatArray) -> None:
    recording, warned = read(lines)
    assert_same_samples(recording, samples_uV)
    assert warned == []
    assert recording.notes == ()
    assert recording.name == "session"
    assert [(c.label, c.target_muscle, c.side, c.unit, c.display_unit) for c in recording.channels] == [
        ("GMAX_R", "GMAX", "R", "V", "uV"),
        ("BF_R", "BF", "R", "V", "uV"),
    ]


@pytest.mark.parametrize(
    ("delimiter", "decimal"), [(";", ","), (";", "."), ("\t", ","), ("\t", "."), ("|", "."), (" ", ".")]
)
def test_delimiters_and_decimal_signs_are_found_out(
    read: Read, lines: list[str], samples_uV: FloatArray, delimiter: str, decimal: str
) -> None:
    recording, warned = read([line.replace(",", delimiter).replace(".", decimal) for line in lines])
    assert_same_samples(recording, samples_uV)
    assert warned == []


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_and_line_ends_do_not_matter(
    read: Read, lines: list[str], samples_uV: FloatArray, line_end: str, encoding: str
) -> None:
    recording, warned = read(line_end.join(lines).encode(encoding))
    assert_same_samples(recording, samples_uV)
    assert warned == []


def test_big_endian_utf_16_with_its_mark_is_read(read: Read, lines: list[str], samples_uV: FloatArray) -> None:
    assert_same_samples(read(("\ufeff" + "\n".join(lines)).encode("utf-16-be"))[0], samples_uV)


@pytest.mark.parametrize("name", ["session.CSV", "session.txt", "session.tsv"])
def test_the_suffix_of_a_text_table_does_not_matter(
    read: Read, lines: list[str], samples_uV: FloatArray, name: str
) -> None:
    assert_same_samples(read(lines, name=name)[0], samples_uV)


def test_units_in_the_headers_make_volts(read: Read) -> None:
    header = "time (ms);GMAX_R [mV];BF (µV);ST_μV;ES R / V;x ADC"
    recording, warned = read([header, "0;1;2;3;4;5", "1;2;3;4;5;7", "2;3;4;5;6;8"])
    np.testing.assert_array_equal(recording.data[0], [1e-3, 2e-6, 3e-6, 4.0, 5.0])
    assert [c.display_unit for c in recording.channels] == ["mV", "uV", "uV", "V", "au"]
    assert [c.unit for c in recording.channels] == ["V", "V", "V", "V", "a.u."]
    assert recording.sampling_frequency == 1000.0
    assert warned == []
    only(list(recording.notes), "column x ADC", "unknown gain")


def test_a_file_without_units_is_in_arbitrary_units_and_says_so(read: Read) -> None:
    recording, warned = read(["time_s,GMAX,BF", "0,100,2", "0.001,200,3", "0.002,300,5"])
    np.testing.assert_array_equal(recording.data[:, 0], [100.0, 200.0, 300.0])
    assert {c.unit for c in recording.channels} == {"a.u."}
    assert warned == []
    only(list(recording.notes), "column GMAX", "no unit", "give unit=", "(1 more like this)")


def test_the_unit_can_be_given(read: Read) -> None:
    recording, _ = read(["time_s,GMAX,BF", "0,100,2", "0.001,200,3", "0.002,300,5"], unit="mV")
    np.testing.assert_array_equal(recording.data[:, 0], np.array([100.0, 200.0, 300.0]) / 1e3)
    assert recording.notes == ()


def test_a_unit_that_is_given_wins_over_the_header_and_says_so(read: Read, lines: list[str]) -> None:
    recording, warned = read(lines, unit="mV")
    assert recording.channels[0].display_unit == "mV"
    only(warned, "column GMAX_R_uV", "header says uV", "read as mV")


def test_an_empty_cell_is_a_lost_sample_and_noted(read: Read, lines: list[str], samples_uV: FloatArray) -> None:
    lines[5] = f"0.004,,{samples_uV[4, 1]}"
    lines[9] = "0.008,,"
    recording, warned = read(lines)
    assert np.argwhere(np.isnan(recording.data)).tolist() == [[4, 0], [8, 0], [8, 1]]
    assert warned == []
    only(list(recording.notes), "row 6", "column GMAX_R_uV", "lost sample", "(2 more like this)")


def test_an_index_column_of_a_spreadsheet_is_left_out(read: Read, lines: list[str], samples_uV: FloatArray) -> None:
    recording, warned = read(["," + lines[0], *(f"{i},{line}" for i, line in enumerate(lines[1:]))])
    assert_same_samples(recording, samples_uV)
    assert warned == []


def test_row_numbers_with_a_given_rate_show_where_rows_are_missing(read: Read) -> None:
    rows = [f"{i},{i % 7}" for i in range(50) if i not in (20, 21)]
    recording, warned = read(["sample,GMAX_uV", *rows], sampling_frequency=250)
    assert recording.sampling_frequency == 250.0
    assert np.flatnonzero(np.isnan(recording.data[:, 0])).tolist() == [20, 21]
    only(warned, "row 22", "column sample", "2 rows missing")


def test_a_hint_of_a_spreadsheet_names_the_delimiter(read: Read, lines: list[str], samples_uV: FloatArray) -> None:
    recording, warned = read(["sep=;", *(line.replace(",", ";") for line in lines)])
    assert_same_samples(recording, samples_uV)
    assert warned == []


def test_units_in_a_row_of_their_own_are_read(read: Read) -> None:
    recording, warned = read(["time,GMAX,BF", "s,mV,µV", "0,1,2", "0.001,2,3", "0.002,3,5"])
    np.testing.assert_array_equal(recording.data[0], [1e-3, 2e-6])
    assert warned == []


def test_every_value_is_the_decimal_number_in_the_file(read: Read) -> None:
    numbers = ["0.1", "1e-3", "-2.5E+1", "123456789.123456789", ".5", "7."]
    rows = [f"{i / 1000:.3f},{x}" for i, x in enumerate(numbers)]
    recording, _ = read(["time_s,GMAX_V", *rows])
    assert recording.data[:, 0].tolist() == [float(x) for x in numbers]


# What is repaired


def test_a_file_in_an_old_encoding_is_read_with_a_remark(read: Read) -> None:
    recording, warned = read("time (ms);GMAX (µV)\n0;1\n1;2\n2;4\n".encode("latin-1"))
    assert recording.channels[0].display_unit == "uV"
    only(warned, "row 1", "not UTF-8", "Windows-1252")


def test_text_in_a_cell_is_a_lost_sample(read: Read, lines: list[str], samples_uV: FloatArray) -> None:
    lines[5] = "0.004,abc,1"
    lines[7] = "0.006,12 mV,1"
    recording, warned = read(lines)
    assert np.flatnonzero(np.isnan(recording.data[:, 0])).tolist() == [4, 6]
    np.testing.assert_array_equal(recording.data[10:], samples_uV[10:] / 1e6)
    only(warned, "row 6", "column GMAX_R_uV", "'abc' is not a number", "(1 more like this)")


@pytest.mark.parametrize("word", ["NaN", "nan", "NA", "n/a", "null", "None", "#N/A", "-", "?"])
def test_a_word_for_nothing_is_a_lost_sample(read: Read, lines: list[str], word: str) -> None:
    lines[5] = f"0.004,{word},1"
    recording, warned = read(lines)
    assert np.flatnonzero(np.isnan(recording.data[:, 0])).tolist() == [4]
    only(warned, "row 6", "column GMAX_R_uV", repr(word), "lost sample")


@pytest.mark.parametrize("word", ["inf", "-inf", "Infinity", "1e999", "∞"])
def test_an_infinite_value_is_a_lost_sample(read: Read, lines: list[str], word: str) -> None:
    lines[5] = f"0.004,{word},1"
    recording, warned = read(lines)
    assert np.flatnonzero(np.isnan(recording.data[:, 0])).tolist() == [4]
    only(warned, "row 6", "column GMAX_R_uV", "infinite", "lost sample")


def test_a_number_with_a_thousands_sign_is_lost_rather_than_wrong(read: Read, lines: list[str]) -> None:
    lines[5] = '0.004,"1,234",1'
    recording, warned = read(lines)
    assert np.isnan(recording.data[4, 0])
    only(warned, "row 6", "'1,234' is not a number")


def test_a_short_row_loses_the_samples_it_lacks(read: Read, lines: list[str], samples_uV: FloatArray) -> None:
    lines[5] = f"0.004,{samples_uV[4, 0]}"
    recording, warned = read(lines)
    assert np.argwhere(np.isnan(recording.data)).tolist() == [[4, 1]]
    only(warned, "row 6", "column BF_R_uV", "2 cells under 3 headers")


def test_a_row_that_ends_before_an_empty_event_lost_nothing(
    read: Read, lines: list[str], samples_uV: FloatArray
) -> None:
    lines[0] += ",event"
    lines[3] += ",lift/R"
    recording, warned = read(lines)
    assert_same_samples(recording, samples_uV)
    assert recording.events["trial_type"].tolist() == ["lift/R"]
    only(warned, "row 2", "column event", "3 cells under 4 headers: read as no event")


def test_units_below_headers_that_have_them_say_nothing_new(
    read: Read, lines: list[str], samples_uV: FloatArray
) -> None:
    recording, warned = read([lines[0], "s,uV,uV", *lines[1:]])
    assert_same_samples(recording, samples_uV)
    assert [c.label for c in recording.channels] == ["GMAX_R", "BF_R"]
    assert warned == []


def test_a_long_row_is_cut(read: Read, lines: list[str], samples_uV: FloatArray) -> None:
    lines[5] += ",7,8"
    recording, warned = read(lines)
    assert_same_samples(recording, samples_uV)
    only(warned, "row 6", "5 cells under 3 headers", "'7'")


def test_delimiters_at_the_ends_of_rows_change_nothing(read: Read, lines: list[str], samples_uV: FloatArray) -> None:
    recording, warned = read([lines[0], *(line + "," for line in lines[1:])])
    assert_same_samples(recording, samples_uV)
    assert warned == []


def test_empty_lines_are_left_out_and_row_numbers_still_count_them(read: Read, lines: list[str]) -> None:
    lines[30] = lines[30].rsplit(",", 1)[0] + ",oops"
    recording, warned = read([*lines[:10], "", *lines[10:], "", ""])
    assert recording.n_samples == 60
    only(warned, "row 32", "'oops'")
    assert any("row 11: an empty row" in note for note in recording.notes)


def test_a_file_without_header_is_read_by_position(read: Read, lines: list[str], samples_uV: FloatArray) -> None:
    recording, warned = read(lines[1:], unit="uV", muscles={"GMAX": "ch2", "BF": "ch3"})
    assert_same_samples(recording, samples_uV)
    assert [c.target_muscle for c in recording.channels] == ["GMAX", "BF"]
    assert len(warned) == 2
    assert "row 1: no header" in warned[0]
    assert "column ch1: numbers that only rise: taken as the time" in warned[1]


def test_lines_before_the_header_are_left_out(read: Read, lines: list[str], samples_uV: FloatArray) -> None:
    lines[5] += ",7"
    recording, warned = read(["# Recorder X", "# rate: 1000 Hz", *lines])
    assert_same_samples(recording, samples_uV)
    assert len(warned) == 2
    assert "row 1: 2 lines before the header" in warned[0]
    assert "row 8" in warned[1]


def test_a_header_that_occurs_twice_is_numbered(read: Read, lines: list[str]) -> None:
    recording, warned = read(["time_s,BF_R_uV,BF_R_uV", *lines[1:]])
    assert [c.label for c in recording.channels] == ["BF_R", "BF_R_2"]
    only(warned, "column BF_R_uV", "named BF_R_2")


def test_a_huge_header_is_cut(read: Read, lines: list[str]) -> None:
    recording, warned = read([lines[0].replace("BF_R", "B" * 10_000), *lines[1:]])
    assert recording.channels[1].label == "B" * 64
    only(warned, "column BBBB", "10003 characters")


def test_a_column_of_words_is_left_out(read: Read, lines: list[str], samples_uV: FloatArray) -> None:
    recording, warned = read([lines[0] + ",who", *(line + ",bob" for line in lines[1:])])
    assert_same_samples(recording, samples_uV)
    only(warned, "column who", "no numbers", "'bob'")


def test_a_constant_channel_is_read_with_a_remark(read: Read, lines: list[str]) -> None:
    recording, warned = read([lines[0], *(line.rsplit(",", 1)[0] + ",5" for line in lines[1:])])
    np.testing.assert_array_equal(recording.data[:, 1], 5 / 1e6)
    only(warned, "column BF_R_uV", "every sample is 5e-06 V", "connected?")


def test_a_channel_without_samples_is_read_with_a_remark(read: Read, lines: list[str]) -> None:
    recording, warned = read([lines[0], *(line.rsplit(",", 1)[0] + "," for line in lines[1:])])
    assert np.isnan(recording.data[:, 1]).all()
    only(warned, "column BF_R_uV", "not one sample", "connected?")


def test_held_samples_are_read_as_they_are_with_their_true_rate(read: Read) -> None:
    values = np.repeat(np.random.default_rng(2).normal(0, 40, size=(100, 2)).round(3), 5, axis=0)
    recording, warned = read(
        ["time_s,GMAX_R_uV,BF_R_uV", *(f"{i / 1000:.3f},{a},{b}" for i, (a, b) in enumerate(values))]
    )
    assert [c.true_rate_Hz for c in recording.channels] == [200.0, 200.0]
    np.testing.assert_array_equal(recording.data, values / 1e6)
    only(warned, "column GMAX_R_uV", "held for 5 rows", "200 Hz", "(1 more like this)")


def test_a_block_of_nul_at_the_end_is_left_out(read: Read, lines: list[str], samples_uV: FloatArray) -> None:
    recording, warned = read(("\n".join(lines) + "\n").encode() + b"\0" * 4096)
    assert_same_samples(recording, samples_uV)
    only(warned, "row 62", "4096 NUL bytes", "left out")


def test_remarks_of_one_kind_are_counted_instead_of_repeated(read: Read, lines: list[str]) -> None:
    _, warned = read([lines[0], *(f"{i / 1000},x{i},{i % 5}" for i in range(59)), "0.059,1,2"])
    only(warned, "row 2", "'x0'", "(58 more like this)")


def test_warnings_point_at_the_line_that_reads(save: Callable[..., Path], lines: list[str]) -> None:
    path = save([*lines, "0.060,x,1"])
    with pytest.warns(EmgOrderWarning) as caught:
        read_recording(path)
    assert caught[0].filename == __file__


# One sample, one column


def test_a_single_column_needs_no_more_than_a_rate(read: Read) -> None:
    recording, _ = read("GMAX_uV\n1\n2\n\n4\n", sampling_frequency=500)
    np.testing.assert_array_equal(recording.data[:, 0], np.array([1, 2, np.nan, 4]) / 1e6)
    assert any("row 4, column GMAX_uV: a lost sample" in note for note in recording.notes)


def test_a_single_sample_needs_a_rate(read: Read, refuse: Refuse) -> None:
    assert "give sampling_frequency=" in str(refuse("time_s,GMAX_uV\n0,1\n"))
    assert read("time_s,GMAX_uV\n0,1\n", sampling_frequency=1000)[0].data.shape == (1, 1)


# Events


def test_an_event_column_becomes_events(read: Read, lines: list[str]) -> None:
    marked = [f"{line}," for line in lines[1:]]
    marked[5] += "cue/R; note"
    marked[9] += "lift/R"
    recording, _ = read([lines[0] + ",event", *marked])
    assert recording.events.to_dict("records") == [
        {"onset": 0.005, "duration": 0.0, "trial_type": "cue/R"},
        {"onset": 0.005, "duration": 0.0, "trial_type": "note"},
        {"onset": 0.009, "duration": 0.0, "trial_type": "lift/R"},
    ]


def test_an_event_moves_with_its_row_when_rows_are_missing(read: Read, lines: list[str]) -> None:
    marked = [f"{line}," for line in lines[1:]]
    marked[9] += "lift/R"
    del marked[3:5]
    recording, _ = read([lines[0] + ",event", *marked])
    assert recording.events["onset"].tolist() == [0.009]


def test_events_of_the_sidecar_win_and_a_difference_is_said(read: Read, lines: list[str]) -> None:
    marked = [f"{line}," for line in lines[1:]]
    marked[9] += "lift/R"
    sidecar = {"Events": [{"onset": 0.0204, "duration": 1.5, "trial_type": "lift/L"}]}
    recording, warned = read([lines[0] + ",event", *marked], sidecar=sidecar)
    assert recording.events.to_dict("records") == sidecar["Events"]
    only(warned, "row 11", "column event", "'lift/R'", "sidecar")


def test_an_event_over_several_lines_does_not_shift_row_numbers(read: Read, lines: list[str]) -> None:
    marked = [f"{line}," for line in lines[1:]]
    marked[5] += '"first\nsecond, ""third"""'
    marked[20] = "0.020,oops,1,"
    recording, warned = read([lines[0] + ",event", *marked])
    assert recording.events["trial_type"].tolist() == ['first\nsecond, "third"']
    only(warned, "row 23", "'oops'")


# Muscles


def test_named_muscles_are_the_only_ones(read: Read, lines: list[str]) -> None:
    recording, _ = read(lines, muscles={"hamstring": "GMAX_R"})
    assert [(c.target_muscle, c.side) for c in recording.channels] == [("HAM", "R"), ("", "R")]


def test_a_muscle_may_be_named_with_its_side_and_by_the_header_as_written(read: Read, lines: list[str]) -> None:
    recording, _ = read(lines, muscles={"GMAX_L": "bf_r_uv", "ST": "GMAX_R"})
    assert [(c.target_muscle, c.side) for c in recording.channels] == [("ST", "R"), ("GMAX", "L")]


def test_a_muscle_on_a_missing_column_is_refused_with_the_columns(refuse: Refuse, lines: list[str]) -> None:
    error = refuse(lines, muscles={"GMAX": "ch7"})
    assert error.column == "ch7"
    assert "give one of GMAX_R, BF_R" in str(error)
