"""Colours of page, report and figures: Okabe–Ito hues, for light and for dark surroundings.

Glute is blue and hamstring vermilion everywhere. Marks stand out from their ground by at least 3 : 1 and text by at
least 4.5 : 1, which is why text in a muscle's colour is a little darker than its marks on light ground, and why both
are brighter on dark ground.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

__all__ = ["DARK", "LIGHT", "Palette", "colour", "css_variables"]


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by what they stand for, as ``#RRGGBB``; ``..._text`` is for words on ``page`` or ``card``."""

    page: str
    card: str
    ink: str
    muted: str
    rule: str
    rope: str
    glute: str
    glute_text: str
    hamstring: str
    hamstring_text: str
    ok_text: str
    attention_text: str
    stop_text: str


LIGHT = Palette(
    page="#F7F6F2",
    card="#FFFFFF",
    ink="#1A2026",
    muted="#5B6470",
    rule="#DAD8D0",
    rope="#E6E4DD",
    glute="#0072B2",
    glute_text="#0069A5",
    hamstring="#D55E00",
    hamstring_text="#B34B00",
    ok_text="#00775A",
    attention_text="#855B00",
    stop_text="#B92D0E",
)
DARK = Palette(
    page="#12161A",
    card="#1A2026",
    ink="#E9ECEF",
    muted="#A0AAB4",
    rule="#38414A",
    rope="#323B44",
    glute="#3D9BDC",
    glute_text="#5AB0EA",
    hamstring="#F07F2E",
    hamstring_text="#FF9A52",
    ok_text="#35C79B",
    attention_text="#F0B429",
    stop_text="#FF8066",
)


def colour(name: str) -> str:
    """Return a CSS colour that follows the page's theme and falls back to the light one where there is no page.

    Examples
    --------
    >>> colour("glute")
    'var(--glute,#0072B2)'
    """
    return f"var(--{name.replace('_', '-')},{getattr(LIGHT, name)})"


def css_variables(palette: Palette) -> str:
    """Return the declarations of all colours of a palette."""
    return "".join(f"--{f.name.replace('_', '-')}:{getattr(palette, f.name)};" for f in fields(palette))
