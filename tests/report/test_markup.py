"""Whatever a string holds, it stays text."""

from __future__ import annotations

from html.parser import HTMLParser
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from emgorder.report.display import display_text
from emgorder.report.markup import Markup, element, joined, svg


class Tags(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.data = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.data += data


@given(st.text().map(lambda s: display_text(s, 60)))
def test_any_text_comes_back_from_element_and_attribute_and_adds_no_tag(text: str) -> None:
    page = element("p", text, title=text)
    parser = Tags()
    parser.feed(page.text)
    parser.close()
    assert [tag for tag, _ in parser.seen] == ["p"]
    assert parser.data == text
    assert dict(parser.seen[0][1])["title"] == text
    assert "".join(ElementTree.fromstring(page.text).itertext()) == text


def test_markup_is_kept_and_plain_text_is_escaped() -> None:
    assert joined(["<b>", Markup("<i/>")]).text == "&lt;b&gt;<i/>"


def test_attribute_names_follow_html_and_none_is_left_out() -> None:
    assert element("line", stroke_width=1.5, class_="x", title=None).text == '<line stroke-width="1.5" class="x"/>'


def test_a_picture_says_what_it_shows() -> None:
    root = ElementTree.fromstring(svg(10, 5, title="Dots & lines", description="One a lift").text)
    assert root.get("role") == "img"
    assert root.get("aria-label") == "Dots & lines"
    assert [child.tag for child in root] == ["title", "desc"]
