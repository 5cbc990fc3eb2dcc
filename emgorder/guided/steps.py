"""What the steps of a test share: where they lead, and the buttons that most of them have."""

from __future__ import annotations

from typing import Literal, TypeAlias

from emgorder.guided import texts as t
from emgorder.guided.part import Part
from emgorder.guided.screens import Button

__all__ = ["BACK_BUTTON", "NEXT_BUTTON", "NOTE_BUTTON", "STOP_BUTTON", "Move", "column_of"]

Move: TypeAlias = Literal["next", "back", "stop", "home", "again", "cued"]
"""``again`` and ``cued`` ask for another recording, the latter with a cue to the glute."""

NEXT_BUTTON = Button("next", t.NEXT, "primary", "space")
BACK_BUTTON = Button("back", t.BACK, "quiet", "b")
NOTE_BUTTON = Button("note", t.NOTE, "quiet", "n")
STOP_BUTTON = Button("stop", t.STOP_KEEP, "danger", "q")


def column_of(part: Part, label: str) -> int:
    """Return the column of the channel called `label`."""
    return next(i for i, channel in enumerate(part.engine.channels) if channel.label == label)
