"""Names of muscles: from what people write in a column header to one code, side and role."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from emgorder.model import Side

__all__ = ["MUSCLES", "Muscle", "parse_label"]


@dataclass(frozen=True, slots=True)
class Muscle:
    """A muscle that the test knows."""

    code: str
    name: str
    role: Literal["glute", "hamstring", "other"]
    plain: str
    aliases: tuple[str, ...]


MUSCLES: dict[str, Muscle] = {
    m.code: m
    for m in (
        Muscle(
            "GMAX",
            "gluteus maximus",
            "glute",
            "glute",
            (
                "gmax",
                "gluteus maximus",
                "gluteus max",
                "glut maximus",
                "glut max",
                "glute max",
                "glutes",
                "glute",
                "gluteus",
            ),
        ),
        Muscle(
            "BF",
            "biceps femoris",
            "hamstring",
            "hamstring",
            (
                "bf",
                "biceps femoris",
                "biceps femoris long head",
                "bflh",
                "bf long head",
                "lateral hamstring",
                "lateral hamstrings",
                "bic fem",
                "bfem",
            ),
        ),
        Muscle(
            "ST",
            "semitendinosus",
            "hamstring",
            "hamstring",
            ("st", "semitendinosus", "medial hamstring", "medial hamstrings", "semitend"),
        ),
        Muscle(
            "HAM",
            "hamstring",
            "hamstring",
            "hamstring",
            ("ham", "hams", "hamstring", "hamstrings", "hstr", "isquiotibiales", "ischio"),
        ),
        Muscle("GMED", "gluteus medius", "other", "side glute", ("gmed", "gluteus medius", "glut med", "glute med")),
        Muscle(
            "ES",
            "erector spinae",
            "other",
            "lower back",
            ("es", "erector spinae", "lumbar erector", "erector", "spinae", "lower back"),
        ),
    )
}

_BY_ALIAS = {alias.replace(" ", ""): m.code for m in MUSCLES.values() for alias in m.aliases}
_SIDES: dict[str, Side] = {"r": "R", "right": "R", "rt": "R", "l": "L", "left": "L", "lt": "L"}


def parse_label(label: str) -> tuple[str, Side]:
    """Return the muscle code and the side that a column label names, each empty when unknown.

    Words may be separated or run together (``GluteusMaximusRight``). A side is only believed as a word of its own:
    ``RES`` may be respiration, and ``BFL`` the long head.

    Parameters
    ----------
    label : str
        As written, without a unit.

    Examples
    --------
    >>> parse_label("GMAX_R"), parse_label("left biceps femoris"), parse_label("ch1")
    (('GMAX', 'R'), ('BF', 'L'), ('', ''))
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label.strip())
    words = [w for w in re.split(r"[\s_\-.,;:/()\[\]]+", spaced.lower()) if w and w != "emg"]
    side: Side = ""
    for at in (-1, 0):
        if len(words) > 1 and words[at] in _SIDES and not side:
            side = _SIDES[words[at]]
            del words[at]
    return _BY_ALIAS.get("".join(words), ""), side
