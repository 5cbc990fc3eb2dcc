"""Values and names as people read them, and text from files made safe to show."""

from __future__ import annotations

import math
import unicodedata

from emgorder.model import LiftResult, Side
from emgorder.muscles import MUSCLES
from emgorder.order.verdict import LEANING_FROM, VERDICT_FROM
from emgorder.report import texts as t

__all__ = [
    "as_sentence",
    "capitalised",
    "display_text",
    "lifts_word",
    "milliseconds",
    "muscle_name",
    "number",
    "percent",
    "rope_ms",
    "side_name",
    "stopped",
    "uncounted_reason",
]

NAME_LIMIT = 80  # characters of a name that fit a heading; a file may hold a name of any length
REASON_LIMIT = 160
_BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSHOWABLE = frozenset({"Cc", "Cs", "Cn", "Co", "Zl", "Zp"})  # control, surrogate, unassigned, private, line breaks


def display_text(value: object, limit: int = NAME_LIMIT) -> str:
    r"""Return a value from a file as one line of at most `limit` characters that can be shown anywhere.

    Line breaks and tabs become spaces; control characters, escape sequences of terminals and controls that reverse
    the direction of the text around them are left out, and a lone surrogate becomes the replacement character.
    Escaping for HTML is not done here.

    Examples
    --------
    >>> display_text("runner\t07\x1b[31m"), display_text("abcdef", limit=4)
    ('runner 07[31m', 'abc…')
    """
    shown = []
    for character in str(value)[: 4 * limit]:  # room for what is dropped below; more would not fit anyway
        category = unicodedata.category(character)
        if character.isspace():
            shown.append(" ")
        elif category == "Cs":
            shown.append("\ufffd")
        elif category not in _UNSHOWABLE and character not in _BIDI_CONTROLS:
            shown.append(character)
    line = " ".join("".join(shown).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip(" \u200d") + "…"


def milliseconds(value_s: float) -> str:
    """Return seconds as whole milliseconds, a dash for NaN.

    Examples
    --------
    >>> milliseconds(0.0843), milliseconds(-0.0002), milliseconds(float("nan"))
    ('84', '0', '–')
    """
    return str(round(value_s * 1e3)) if math.isfinite(value_s) else t.NOTHING


def number(value: float, digits: int = 1) -> str:
    """Return a number with at most `digits` decimals and no trailing zeros, a dash for NaN.

    Examples
    --------
    >>> number(12.0), number(4.126, 2), number(float("nan"))
    ('12', '4.13', '–')
    """
    if not math.isfinite(value):
        return t.NOTHING
    text = f"{value:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def rope_ms(rope_s: float) -> str:
    """Return the difference up to which two onsets count as together, ms, as it was set.

    Examples
    --------
    >>> rope_ms(0.030), rope_ms(0.0125)
    ('30', '12.5')
    """
    return number(1e3 * rope_s, 2)


def percent(probability: float) -> str:
    """Return a probability in words that never round doubt away, nor across a limit that the words turn on.

    Examples
    --------
    >>> percent(0.966), percent(0.999), percent(0.0004), percent(float("nan"))
    ('97 %', '>99 %', '<1 %', '–')
    >>> percent(0.8999), percent(0.90), percent(0.6599)  # no verdict yet, a verdict, not even leaning
    ('89 %', '90 %', '65 %')
    """
    if not math.isfinite(probability):
        return t.NOTHING
    if probability > 0.99:
        return ">99 %"
    if probability < 0.01:
        return "<1 %"
    whole = round(100 * probability)
    if any(probability < limit <= whole / 100 for limit in (LEANING_FROM, VERDICT_FROM)):
        whole -= 1
    return t.PERCENT.format(value=whole)


def muscle_name(code: str) -> str:
    """Return the name of a muscle code as people read it.

    Examples
    --------
    >>> muscle_name("BF"), muscle_name("HAM"), muscle_name("GMAX")
    ('hamstring (biceps femoris)', 'hamstring (head not recorded)', 'glute (gluteus maximus)')
    """
    if code not in MUSCLES:
        return display_text(code)
    muscle = MUSCLES[code]
    if muscle.plain == muscle.name:
        return t.HAMSTRING_UNNAMED if muscle.role == "hamstring" else muscle.name
    return t.MUSCLE_WITH_HEAD.format(plain=muscle.plain, name=muscle.name)


def side_name(side: Side) -> str:
    """Return ``Right leg``, ``Left leg``, or ``Leg`` where the side is unknown."""
    return t.SIDE_NAMES[side]


def lifts_word(count: int) -> str:
    """Return the word for `count` lifts."""
    return t.LIFT_ONE if count == 1 else t.LIFT_MANY


def uncounted_reason(result: LiftResult) -> str:
    """Return why a lift does not count, in words."""
    return display_text(result.reason, REASON_LIMIT) or t.REASON_UNKNOWN


def capitalised(text: str) -> str:
    """Return `text` with its first letter in upper case and the rest as it was."""
    return text[:1].upper() + text[1:]


def stopped(text: str) -> str:
    """Return `text` with a full stop where it has no end of its own; nothing for nothing."""
    text = text.strip()
    return text if not text or text[-1] in ".!?" else text + "."


def as_sentence(text: str) -> str:
    """Return `text` as a sentence: a capital first, a full stop last."""
    return capitalised(stopped(text))
