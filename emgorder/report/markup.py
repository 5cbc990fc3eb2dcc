"""Markup that cannot be broken out of: every plain string is escaped where it meets an element."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

__all__ = ["Markup", "element", "joined", "said", "svg"]

_VOID = frozenset({"br", "hr", "link", "meta", "circle", "ellipse", "line", "path", "polygon", "polyline", "rect"})


@dataclass(frozen=True, slots=True)
class Markup:
    """Text that is markup already and stays as it is."""

    text: str


def element(name: str, /, *children: Markup | str, **attributes: str | float | None) -> Markup:
    """Return an element that is well-formed as HTML and as XML.

    Parameters
    ----------
    name : str
        Of the element.
    *children : Markup or str
        What it holds; plain strings are escaped.
    **attributes : str, float or None
        ``stroke_width`` is written ``stroke-width`` and ``class_`` is written ``class``; None leaves an attribute out.

    Examples
    --------
    >>> element("p", "a < b", class_="x").text
    '<p class="x">a &lt; b</p>'
    """
    written = "".join(f' {_attribute(key)}="{_value(value)}"' for key, value in attributes.items() if value is not None)
    if name in _VOID and not children:
        return Markup(f"<{name}{written}/>")
    return Markup(f"<{name}{written}>{joined(children).text}</{name}>")


def joined(children: Iterable[Markup | str]) -> Markup:
    """Return the children one after another, plain strings escaped."""
    return Markup("".join(c.text if isinstance(c, Markup) else escape(c, quote=False) for c in children))


def said(sentences: Iterable[str]) -> Markup:
    """Return sentences of the report below each other; on paper they follow each other in one paragraph.

    Examples
    --------
    >>> said(["Yes."]).text
    '<div class="said"><p class="small"><bdi>Yes.</bdi></p></div>'
    """
    return element("div", *(element("p", element("bdi", s), class_="small") for s in sentences), class_="said")


def svg(width: float, height: float, *children: Markup | str, title: str, description: str = "") -> Markup:
    """Return a picture that scales with its place on the page and says in words what it shows.

    Parameters
    ----------
    width, height : float
        Of the drawing, in its own units; on the page it is as wide as its place allows.
    *children : Markup or str
        The drawing.
    title, description : str
        For those who do not see it.

    Examples
    --------
    >>> svg(10, 5, title="A < B").text
    '<svg viewBox="0 0 10 5" width="10" height="5" role="img" aria-label="A &lt; B"><title>A &lt; B</title></svg>'
    """
    words = [element("title", title), *([element("desc", description)] if description else [])]
    return element(
        "svg",
        *words,
        *children,
        viewBox=f"0 0 {_value(width)} {_value(height)}",
        width=width,
        height=height,
        role="img",
        aria_label=title,
    )


def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return escape(value, quote=True)
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
