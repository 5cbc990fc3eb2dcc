"""A recording that anybody makes has every part in its form, or is refused with what to give."""

from __future__ import annotations

import copy
import pickle
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import emgorder as eo

CHANNELS = (eo.Channel("GMAX_R", "GMAX", "R"), eo.Channel("BF_R", "BF", "R"))
EVENTS = pd.DataFrame({"onset": [1], "duration": [0], "trial_type": ["lift/R"]})


def recording(**changed: Any) -> eo.Recording:
    parts: dict[str, Any] = {"data": np.zeros((5, 2)), "sampling_frequency": 1000.0, "channels": CHANNELS}
    return eo.Recording(**{**parts, **changed})


@pytest.mark.parametrize(
    ("part", "value", "said"),
    [
        ("data", [["a", "b"]], "are not numbers"),
        ("data", np.zeros((5, 2), complex), "are not numbers"),
        ("data", np.array([[None, "x"]]), "are not numbers"),
        ("data", np.zeros(5), "of shape (5,)"),
        ("sampling_frequency", "1000", "'1000' Hz: give a positive number"),
        ("sampling_frequency", None, "None Hz: give a positive number"),
        ("channels", ("GMAX_R", "BF_R"), "'GMAX_R' (str): give Channels"),
        ("channels", None, "channels are None"),
        ("events", None, "give a DataFrame"),
        ("events", [(1.0, 0.0, "lift/R")], "give a DataFrame"),
        ("events", pd.DataFrame({"onset": [1.0]}), "have no column duration, trial_type"),
        ("events", EVENTS.assign(onset="soon"), "onset is no number"),
        ("clock", None, "give an emgorder.Sync"),
        ("meta", None, "give a dict"),
        ("notes", "one note", "give a tuple of str"),
        ("name", None, "give a text"),
    ],
)
def test_a_part_of_another_kind_is_refused_with_what_to_give(part: str, value: Any, said: str) -> None:
    with pytest.raises(eo.RecordingError) as caught:
        recording(**{part: value})
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: eo.Channel("GMAX_R", side="right"), "side of channel GMAX_R is 'right': give one of 'R', 'L', ''"),  # type: ignore[arg-type]
        (lambda: eo.Channel("GMAX_R", unit="mV"), "give one of 'V', 'a.u.'"),  # type: ignore[arg-type]
        (lambda: eo.Channel("GMAX_R", kind="rms"), "give one of 'raw', 'envelope'"),  # type: ignore[arg-type]
        (lambda: eo.Channel("GMAX_R", delay_s=float("nan")), "delay_s of channel GMAX_R is nan"),
        (lambda: eo.Channel(3), "label of a channel is 3"),  # type: ignore[arg-type]
        (lambda: eo.Sync("taps", float("nan")), "offset_s of the clocks is nan"),
        (lambda: eo.Sync("taps", 0.0, -0.002), "sd_s of the clocks is -0.002"),
    ],
)
def test_what_times_and_units_hang_on_is_checked(make: Any, said: str) -> None:
    with pytest.raises(eo.RecordingError) as caught:
        make()
    assert said in str(caught.value)


def test_lists_whole_numbers_and_masked_samples_become_what_is_computed_with() -> None:
    made = recording(
        data=np.ma.masked_equal([[1, 2], [3, 99]], 99), sampling_frequency=np.float32(500), channels=list(CHANNELS),
        events=EVENTS,
    )  # fmt: skip
    assert made.data.dtype == np.float64
    np.testing.assert_array_equal(made.data, [[1, 2], [3, np.nan]])
    assert (type(made.sampling_frequency), made.sampling_frequency) == (float, 500.0)
    assert made.channels == CHANNELS
    assert [made.events[name].dtype for name in ("onset", "duration")] == [np.float64, np.float64]


def test_data_that_are_in_form_are_not_copied() -> None:
    data = np.zeros((5, 2))
    assert recording(data=data).data is data


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda r: pickle.loads(pickle.dumps(r))], ids=["copy", "pickle"])
def test_a_recording_goes_to_other_processes_and_stays_read_only(copied: Any) -> None:
    there = copied(recording(meta=MappingProxyType({"TaskName": "lift"})))
    assert dict(there.meta) == {"TaskName": "lift"}
    with pytest.raises(TypeError):
        there.meta["TaskName"] = "walk"
    np.testing.assert_array_equal(there.data, np.zeros((5, 2)))
