"""Make the figures of the README and the documentation: python docs/make_figures.py."""

from __future__ import annotations

import re
from pathlib import Path

import emgorder as eo
from emgorder.report.figures import dot_chart
from emgorder.report.palette import LIGHT
from emgorder.report.traces import lift_traces, trace_view

IMAGES = Path(__file__).resolve().parent / "images"
SEED = 1
MARGIN = 12.0


def figures() -> dict[str, str]:
    """Return each figure's file name and SVG text."""
    result = eo.analyse(eo.simulate_session(seed=SEED))
    side = result.sides[0]
    first = next(lift for lift in result.lift_results if lift.valid)
    view = trace_view(result.lift_results)
    return {
        "verdict.svg": standalone(dot_chart(result.lift_results, side).text),
        "lift.svg": standalone(lift_traces(first, view).text),
    }


def standalone(svg: str) -> str:
    """Return an SVG for a page that has none of the report's styles: a light ground, and a font."""
    box = re.search(r'viewBox="([-\d.]+) ([-\d.]+) ([\d.]+) ([\d.]+)"', svg)
    assert box is not None
    x, y, width, height = (float(v) for v in box.groups())
    x, y, width, height = x - MARGIN, y - MARGIN, width + 2 * MARGIN, height + 2 * MARGIN
    ground = f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{LIGHT.card}"/>'
    opening, rest = svg.split(">", 1)
    opening = opening.replace(box.group(), f'viewBox="{x:g} {y:g} {width:g} {height:g}"')
    opening = re.sub(r' (xmlns|width|height|font-family)="[^"]*"', "", opening)
    own = f'xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}"'
    return f'{opening} {own} font-family="system-ui, sans-serif">{ground}{rest}\n'


def main() -> None:
    """Write the figures."""
    IMAGES.mkdir(exist_ok=True)
    for name, text in figures().items():
        (IMAGES / name).write_text(text, encoding="utf-8")
        print(IMAGES / name)


if __name__ == "__main__":
    main()
