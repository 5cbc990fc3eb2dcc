"""The frame of every page: its head, its style sheet, and the policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources

from emgorder.report.markup import Markup, element
from emgorder.report.palette import DARK, LIGHT, css_variables

__all__ = ["document"]


def document(title: str, *main: Markup) -> str:
    """Return a page without scripts and without anything from elsewhere, well-formed as HTML and as XML.

    Parameters
    ----------
    title : str
        Of the page; escaped here.
    *main : Markup
        What it shows.

    Examples
    --------
    >>> document("<runner>", element("p", "Hello.")).count("<title>&lt;runner&gt;</title>")
    1
    """
    style = _style()
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy(style)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("style", Markup(style)),
    )
    body = element("body", element("main", *main))
    return "<!DOCTYPE html>\n" + element("html", head, body, lang="en").text + "\n"


def _style() -> str:
    themes = (
        f":root{{{css_variables(LIGHT)}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{css_variables(DARK)}}}}}\n"
    )
    return themes + resources.files("emgorder.report").joinpath("page.css").read_text(encoding="utf-8")


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
