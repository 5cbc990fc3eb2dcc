"""Draw the figures of the firmware notes: python scripts/notes_figures.py.

The body and the places of the electrodes are those of the app's page (``emgorder/app/page/placement.js``), read from
there, so that page and notes show the same.
"""

from __future__ import annotations

import re
from pathlib import Path

from emgorder.report.palette import LIGHT

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "firmware_notes" / "images"
PLACEMENT = ROOT / "emgorder" / "app" / "page" / "placement.js"

INK, SOFT, SKIN, GROUND = LIGHT.ink, LIGHT.muted, "#EFE9DF", LIGHT.card
BLUE, ORANGE, GREEN, RED = LIGHT.glute, LIGHT.hamstring, LIGHT.ok_text, LIGHT.stop_text
MIDDLE, APART = 210.0, 9.0
_SITES = (
    ("Gluteus maximus", "GMAX", BLUE, "sacrum", "trochanter", ("psis", "thigh")),
    ("Biceps femoris", "BF", ORANGE, "sit_bone", "outer_knee", None),
    ("Semitendinosus", "ST", GREEN, "sit_bone", "inner_knee", None),
)
_LANDMARKS = {
    "sacrum": ("sacrum", -8.0, -9.0, "end"),
    "trochanter": ("greater trochanter", 12.0, 4.0, "start"),
    "sit_bone": ("sit bone", -12.0, -6.0, "end"),
    "outer_knee": ("outer knee", 14.0, 4.0, "start"),
    "inner_knee": ("inner knee", 0.0, 24.0, "middle"),
}


def figures() -> dict[str, str]:
    """Return each figure's file name and SVG text."""
    return {"placement.svg": placement(), "wiring.svg": wiring()}


def placement() -> str:
    """Return where the electrodes go: the back of pelvis and thighs, seen from above, right leg."""
    source = PLACEMENT.read_text(encoding="utf-8")
    at = {
        name: (float(x), float(y)) for name, x, y in re.findall(r"^  (\w+): \[(\d+), (\d+)\],$", source, re.MULTILINE)
    }
    lines = {name: _path(source, name) for name in ("HALF", "FOLD", "KNEE", "BUTTOCK")}
    parts = []
    for side in (1, -1):
        inside = f'<path d="{lines["HALF"]}" fill="{SKIN}" stroke="{SOFT}"/>'
        inside += "".join(f'<path d="{lines[n]}" fill="none" stroke="{SOFT}"/>' for n in ("FOLD", "KNEE", "BUTTOCK"))
        parts.append(f'<g transform="translate({MIDDLE:g} 0) scale({side} 1)">{inside}</g>')
    key = 60.0
    for name, code, colour, start, stop, along in _SITES:
        (x1, y1), (x2, y2) = at[start], at[stop]
        x, y = (x1 + x2) / 2, (y1 + y2) / 2
        (ax, ay), (bx, by) = (at[along[0]], at[along[1]]) if along else ((x1, y1), (x2, y2))
        length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
        dx, dy = APART * (bx - ax) / length, APART * (by - ay) / length
        parts.append(
            f'<line x1="{MIDDLE + x1:g}" y1="{y1:g}" x2="{MIDDLE + x2:g}" y2="{y2:g}" stroke="{colour}" '
            'stroke-width="1.5" stroke-dasharray="4 4"/>'
        )
        for way in (-1, 1):
            parts.append(
                f'<circle cx="{MIDDLE + x + way * dx:.1f}" cy="{y + way * dy:.1f}" r="6.5" fill="{colour}" '
                f'stroke="{GROUND}" stroke-width="2"/>'
            )
        parts.append(f'<circle cx="442" cy="{key - 5:g}" r="6.5" fill="{colour}"/>')
        parts.append(_text(458, key, f"{name} ({code})", weight=600))
        parts.append(_text(458, key + 18, f"half-way {_word(start)} – {_word(stop)}", colour=SOFT))
        key += 58
    for name, (word, dx, dy, anchor) in _LANDMARKS.items():
        x, y = MIDDLE + at[name][0], at[name][1]
        parts.append(f'<circle cx="{x:g}" cy="{y:g}" r="3.5" fill="{GROUND}" stroke="{INK}" stroke-width="1.5"/>')
        parts.append(_text(x + dx, y + dy, word, anchor=anchor, size=12))
    parts.append(_text(442, key + 8, "Reference: ankle or C7,", weight=600))
    parts.append(_text(442, key + 26, "over bone (not in the picture)", colour=SOFT))
    parts.append(_text(442, key + 62, "20 mm between the two", colour=SOFT))
    parts.append(_text(442, key + 80, "electrodes, along the fibres", colour=SOFT))
    parts.append(_text(70, 10, "left", colour=SOFT))
    parts.append(_text(MIDDLE + 112, 10, "right", colour=SOFT))
    title = "Places of the electrodes on the right leg of a person lying on the front"
    return _svg(750, 614, title, parts, top=-18)


def wiring() -> str:
    """Return how electrodes, front-ends, board and battery belong together."""
    parts = [
        _arrow(166, 70, 230, 70, BLUE),
        _arrow(166, 190, 230, 190, ORANGE),
        _arrow(166, 292, 292, 292, GREEN, head=False),
        _arrow(292, 292, 292, 240, GREEN),
        _arrow(292, 154, 292, 104, GREEN),
        _arrow(354, 70, 430, 106, BLUE),
        _arrow(354, 190, 430, 154, ORANGE),
        _arrow(500, 268, 500, 196, INK),
        _arrow(570, 130, 640, 130, INK, dashed=True),
        _box(20, 36, 146, 68, ("2 electrodes", "gluteus maximus"), BLUE),
        _box(20, 156, 146, 68, ("2 electrodes", "hamstring"), ORANGE),
        _box(20, 264, 146, 56, ("1 electrode", "reference"), GREEN),
        _box(230, 36, 124, 68, ("front-end 1", "raw output"), INK),
        _box(230, 156, 124, 84, ("front-end 2", "raw output"), INK),
        _box(430, 66, 140, 130, ("board", "one converter,", "two inputs", "Bluetooth"), INK),
        _box(430, 268, 140, 56, ("battery", "single cell"), INK),
        _box(640, 96, 124, 68, ("computer", "or phone"), INK),
        _text(605, 120, "radio", anchor="middle", size=12, colour=SOFT),
        _text(592, 290, "no mains, no USB cable", weight=600, colour=RED),
        _text(592, 310, "to anything on the mains,", colour=RED),
        _text(592, 328, "while a person is connected", colour=RED),
    ]
    return _svg(790, 346, "Two front-ends on one battery-powered board with one reference electrode", parts)


def _path(source: str, name: str) -> str:
    found = re.search(rf"^const {name} =\s*((?:\"[^\"]*\"[\s+]*)+);", source, re.MULTILINE)
    if found is None:
        raise ValueError(f"{PLACEMENT.name} has no {name}: has the drawing changed?")
    return "".join(re.findall(r'"([^"]*)"', found[1]))


def _word(landmark: str) -> str:
    return _LANDMARKS[landmark][0]


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = 14, weight: int = 400, colour: str = INK
) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" '
        f'fill="{colour}">{text}</text>'
    )


def _box(x: float, y: float, width: float, height: float, lines: tuple[str, ...], colour: str) -> str:
    first = y + height / 2 - 9 * (len(lines) - 1) + 5
    words = "".join(
        _text(x + width / 2, first + 18 * i, line, anchor="middle", weight=400 if i else 600)
        for i, line in enumerate(lines)
    )
    frame = f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="8" fill="{GROUND}" '
    return f'{frame}stroke="{colour}" stroke-width="2"/>{words}'


def _arrow(x1: float, y1: float, x2: float, y2: float, colour: str, *, head: bool = True, dashed: bool = False) -> str:
    line = f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{colour}" stroke-width="2"'
    line += ' stroke-dasharray="5 5"/>' if dashed else "/>"
    if not head:
        return line
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    points = [(x2, y2), (x2 - 9 * ux - 5 * uy, y2 - 9 * uy + 5 * ux), (x2 - 9 * ux + 5 * uy, y2 - 9 * uy - 5 * ux)]
    return f'{line}<polygon points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}" fill="{colour}"/>'


def _svg(width: int, height: int, title: str, parts: list[str], *, top: int = 0) -> str:
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {top} {width} {height}" width="{width}" '
        f'height="{height}" role="img" font-family="system-ui, sans-serif"><title>{title}</title>\n'
        f'<rect x="0" y="{top}" width="{width}" height="{height}" fill="{GROUND}"/>\n'
    )
    return opening + "\n".join(parts) + "\n</svg>\n"


def main() -> None:
    """Write the figures."""
    IMAGES.mkdir(exist_ok=True)
    for name, text in figures().items():
        (IMAGES / name).write_text(text, encoding="utf-8")
        print(IMAGES / name)


if __name__ == "__main__":
    main()
