"""Labels against what the contact checks show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from emgorder.conditioning.quality.assess import assess
from emgorder.model import Channel, Recording
from emgorder.simulate import Artefacts, simulate_session


def checked(
    *, duration_s: float = 2.0, gains: tuple[tuple[float, float], ...] = ((1.0, 20.0), (20.0, 1.0))
) -> Recording:
    """Return a recording with a contact check of the glute and one of the hamstring, and the gains in them."""
    rng = np.random.default_rng(2)
    data = rng.normal(size=(20_000, 2)) * 5e-6
    for start, both in zip((4000, 10_000), gains, strict=True):
        data[start : start + 2000] *= both
    events = pd.DataFrame(
        {"onset": [4.0, 10.0], "duration": duration_s, "trial_type": ["contact/GMAX_R", "contact/BF_R"]}
    )
    return Recording(data, 1000.0, (Channel("GMAX_R", "GMAX", "R"), Channel("BF_R", "BF", "R")), events)


@pytest.mark.parametrize("duration_s", [2.0, 0.0])
def test_channels_that_answer_to_each_others_contact_check_seem_swapped(duration_s: float) -> None:
    found = assess(checked(duration_s=duration_s))
    assert [(f.kind, f.channel, f.severity) for f in found] == [
        ("swapped", "GMAX_R", "attention"),
        ("swapped", "BF_R", "attention"),
    ]
    assert found[0].message.startswith("glute and hamstring seem swapped")


@pytest.mark.parametrize(
    "gains",
    [((20.0, 1.0), (1.0, 20.0)), ((20.0, 20.0), (20.0, 20.0)), ((1.0, 20.0), (1.0, 20.0)), ((4.0, 20.0), (20.0, 4.0))],
    ids=["as named", "both", "only one check says so", "helping along"],
)
def test_channels_that_answer_themselves_are_not_swapped(gains: tuple[tuple[float, float], ...]) -> None:
    assert "swapped" not in {f.kind for f in assess(checked(gains=gains))}


def test_without_contact_checks_nothing_is_said_of_labels() -> None:
    recording = checked()
    assert assess(replace(recording, events=recording.events.iloc[:0])) == ()


def test_simulated_contact_checks_tell_swapped_channels() -> None:
    session = simulate_session(seed=3, n_lifts=2, rest_s=4.0, extras=("contact",), artefacts=Artefacts())
    assert "swapped" not in {f.kind for f in assess(session)}
    mistaken = replace(session, data=session.data[:, ::-1].copy())
    assert {f.channel for f in assess(mistaken) if f.kind == "swapped"} == {"GMAX_R", "BF_R"}
