"""Colours can be told apart from their ground, and the two muscles keep their hues."""

from __future__ import annotations

import colorsys

import pytest

from emgorder.report.palette import DARK, LIGHT, Palette, colour, css_variables


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def hue(colour: str) -> float:
    return colorsys.rgb_to_hsv(*(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)))[0]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["page", "card"])
@pytest.mark.parametrize(
    "ink", ["ink", "muted", "glute_text", "hamstring_text", "ok_text", "attention_text", "stop_text"]
)
def test_text_stands_out_from_its_ground(palette: Palette, ground: str, ink: str) -> None:
    assert contrast(getattr(palette, ink), getattr(palette, ground)) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["card", "rope"])
@pytest.mark.parametrize("mark", ["glute", "hamstring", "muted"])
def test_marks_stand_out_from_card_and_band(palette: Palette, ground: str, mark: str) -> None:
    assert contrast(getattr(palette, mark), getattr(palette, ground)) >= 3.0


def test_the_muscles_have_the_okabe_ito_colours_on_light_ground() -> None:
    assert (LIGHT.glute, LIGHT.hamstring) == ("#0072B2", "#D55E00")


@pytest.mark.parametrize("muscle", ["glute", "hamstring"])
def test_a_muscle_keeps_its_hue_in_text_and_in_the_dark(muscle: str) -> None:
    hues = [hue(getattr(p, name)) for p in (LIGHT, DARK) for name in (muscle, f"{muscle}_text")]
    assert max(hues) - min(hues) < 0.05


def test_a_figure_falls_back_to_light_colours_where_there_is_no_page() -> None:
    assert colour("hamstring_text") == f"var(--hamstring-text,{LIGHT.hamstring_text})"
    assert f"--hamstring-text:{DARK.hamstring_text};" in css_variables(DARK)
