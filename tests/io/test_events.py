"""Events as cells of a column."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.io.events import cells_from_events, events_from_cells, guarded, unguarded


@given(st.text(max_size=20))
def test_guarding_is_undone_exactly_and_disarms_every_formula(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_text_over_several_rows_is_one_event_with_a_duration() -> None:
    cells = {5: "lift/R", 6: "lift/R", 7: "lift/R", 8: "rest", 20: "lift/R"}
    assert events_from_cells(cells, 1000.0).to_dict("records") == [
        {"onset": 0.005, "duration": 0.003, "trial_type": "lift/R"},
        {"onset": 0.008, "duration": 0.0, "trial_type": "rest"},
        {"onset": 0.02, "duration": 0.0, "trial_type": "lift/R"},
    ]


def test_zero_is_no_event_in_a_trigger_column() -> None:
    events = events_from_cells({0: "0", 1: "0", 2: "1", 3: "1", 4: "0.0"}, 100.0)
    assert events.to_dict("records") == [{"onset": 0.02, "duration": 0.02, "trial_type": "1"}]


@pytest.mark.parametrize("cells", [{}, {1: "0", 2: "0"}])
def test_no_events_are_an_empty_table_with_its_columns(cells: dict[int, str]) -> None:
    events = events_from_cells(cells, 1000.0)
    assert events.empty
    assert list(events.columns) == ["onset", "duration", "trial_type"]


def test_events_go_to_the_nearest_row_in_the_order_of_time() -> None:
    events = pd.DataFrame(
        [(0.0096, 0.0, "b"), (0.002, 0.0, "a"), (0.0104, 0.0, "c"), (-0.1, 0.0, "x"), (1.0, 0.0, "y"), (0.0, 0.0, "")],
        columns=["onset", "duration", "trial_type"],
    )
    assert cells_from_events(events, 1000.0, 100) == {2: "a", 10: "b; c"}


def test_what_no_text_file_can_hold_is_replaced() -> None:
    names = pd.Series(["a\0b\ud800"], dtype=object)  # with pyarrow, pandas has text columns that refuse it
    events = pd.DataFrame({"onset": [0.0], "duration": [0.0], "trial_type": names})
    assert cells_from_events(events, 1000.0, 1) == {0: "a?b?"}
