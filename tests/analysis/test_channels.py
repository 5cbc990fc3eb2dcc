"""A glute and a hamstring of one side are compared; what is missing is said with the remedy."""

from __future__ import annotations

import numpy as np
import pytest

from emgorder.analysis.channels import choose_pairs
from emgorder.analysis.settings import Settings
from emgorder.errors import RecordingError
from emgorder.model import Channel, Recording
from emgorder.muscles import parse_label


def recording(*labels: str) -> Recording:
    return Recording(np.zeros((10, len(labels))), 1000.0, tuple(Channel(x, *parse_label(x)) for x in labels))


def test_both_sides_of_a_two_sided_recording_are_compared() -> None:
    pairs = choose_pairs(recording("BF_L", "GMAX_L", "GMAX_R", "ST_R", "BF_R"), Settings())
    assert [(p.side, p.glute, p.hamstring, p.extras) for p in pairs] == [("R", 2, 4, (3,)), ("L", 1, 0, ())]


def test_erector_spinae_of_both_sides_and_other_muscles_of_the_own_side_are_extras() -> None:
    pairs = choose_pairs(recording("GMAX_R", "BF_R", "ES_R", "ES_L", "GMED_L", "GMED_R", "RF_R"), Settings())
    assert [(p.side, p.extras) for p in pairs] == [("R", (2, 3, 5))]


def test_biceps_femoris_comes_before_semitendinosus_unless_asked() -> None:
    both = recording("GMAX", "ST", "BF")
    assert choose_pairs(both, Settings())[0].hamstring == 2
    assert choose_pairs(both, Settings(hamstring="ST"))[0].hamstring == 1


def test_channels_without_a_side_serve_the_sides_of_the_events() -> None:
    pairs = choose_pairs(recording("glute", "hamstring"), Settings(), frozenset({"R", "L"}))
    assert [(p.side, p.glute, p.hamstring) for p in pairs] == [("R", 0, 1), ("L", 0, 1)]


@pytest.mark.parametrize("labels", [("ch1", "ch2"), ("GMAX_R", "RF_R"), ("GMAX_R", "BF_L"), ("BF",)])
def test_a_missing_muscle_is_refused_with_the_labels_and_the_remedy(labels: tuple[str, ...]) -> None:
    with pytest.raises(RecordingError) as caught:
        choose_pairs(recording(*labels), Settings())
    message = str(caught.value)
    assert labels[0] in message
    assert "Name the columns" in message


def test_muscles_of_opposite_sides_are_not_advised_to_be_named_as_they_are() -> None:
    with pytest.raises(RecordingError, match="with one side, R or L") as caught:
        choose_pairs(recording("GMAX_L", "BF_R"), Settings())
    assert "--muscles" not in str(caught.value)
