"""Which channels are compared: a glute and a hamstring of one side, then the extras."""

from __future__ import annotations

from dataclasses import dataclass

from emgorder.analysis.settings import Settings
from emgorder.errors import RecordingError
from emgorder.model import Recording, Side
from emgorder.muscles import MUSCLES

__all__ = ["Pair", "choose_pairs"]

_HAMSTRING_ORDER = ("BF", "ST", "HAM")
_TRUNK = ("ES",)  # muscles that hold the trunk in lifts of either leg


@dataclass(frozen=True, slots=True)
class Pair:
    """Columns of the muscles of one side; `extras` are further known muscles of that side, and both erector spinae."""

    side: Side
    glute: int
    hamstring: int
    extras: tuple[int, ...] = ()

    @property
    def columns(self) -> tuple[int, ...]:
        """All columns, glute first, hamstring second."""
        return (self.glute, self.hamstring, *self.extras)


def choose_pairs(
    recording: Recording, settings: Settings, event_sides: frozenset[Side] = frozenset()
) -> tuple[Pair, ...]:
    """Return the pair of each side that can be compared.

    Parameters
    ----------
    recording : Recording
        With ``target_muscle`` and ``side`` of its channels filled in where known.
    settings : Settings
        ``hamstring`` picks among several hamstring channels.
    event_sides : frozenset of {"R", "L", ""}
        Sides that the events name: channels without a side serve each of them.

    Raises
    ------
    RecordingError
        There is no glute or no hamstring channel; the message lists the labels and how to name them.
    """
    wanted = _HAMSTRING_ORDER if settings.hamstring == "auto" else (settings.hamstring,)
    named: set[Side] = {c.side for c in recording.channels if c.target_muscle} | event_sides
    sides: list[Side] = [side for side in ("R", "L") if side in named] or [""]
    pairs: list[Pair] = []
    for side in sides:
        glute = recording.find("GMAX", side)
        hamstring = next((i for m in wanted if (i := recording.find(m, side)) is not None), None)
        if glute is None or hamstring is None:
            continue
        extras = tuple(
            i
            for i, c in enumerate(recording.channels)
            if c.target_muscle and (c.side in (side, "") or c.target_muscle in _TRUNK) and i not in (glute, hamstring)
        )
        pairs.append(Pair(side, glute, hamstring, extras))
    if not pairs:
        raise RecordingError(_advice(recording, settings))
    return tuple(pairs)


def _advice(recording: Recording, settings: Settings) -> str:
    labels = [c.label for c in recording.channels]
    known = [
        f"{c.label} is the {MUSCLES[c.target_muscle].name}" for c in recording.channels if c.target_muscle in MUSCLES
    ]
    hamstring = "a hamstring" if settings.hamstring == "auto" else f"the hamstring {settings.hamstring}"
    there = f"{', '.join(labels) or 'no channels'}" + (f" ({'; '.join(known)})" if known else "")
    problem = (
        f"{recording.name or 'the recording'} needs a glute and {hamstring} channel of one side; it has {there}. "
        "Name the columns (GMAX_R, BF_R, ...)"
    )
    if len({c.side for c in recording.channels if c.target_muscle} - {""}) > 1:
        return f"{problem} with one side, R or L, for the two that belong together"
    if len(labels) < 2:
        return f"{problem} and record a second channel"
    return (
        f'{problem} or give muscles={{"GMAX": "{labels[0]}", "BF": "{labels[-1]}"}} '
        f'(command line: --muscles "GMAX={labels[0]},BF={labels[-1]}")'
    )
