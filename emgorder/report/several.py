"""More than glute and hamstring: every pair of muscles in a table, and the likeliest order in words."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from emgorder.model import Side
from emgorder.muscles import MUSCLES
from emgorder.order.pairwise import OrderMatrix
from emgorder.order.verdict import LEANING_FROM, VERDICT_FROM
from emgorder.report import texts as t
from emgorder.report.display import capitalised, display_text, milliseconds, percent, rope_ms
from emgorder.report.markup import Markup, element, said

if TYPE_CHECKING:
    from emgorder.analysis.result import SessionResult

__all__ = ["muscle_words", "order_sentence", "order_sentences", "pairs_section"]

LABEL_LIMIT = 24  # characters of a channel's name that are shown
FEWEST = 3  # muscles of an order that the verdict has not told already


def order_sentences(result: SessionResult) -> dict[Side, str]:
    """Return the likeliest order of all muscles of each side in plain words, nothing without further muscles."""
    if not result.has_extras:
        return {}
    return _sentences(result, result.matrices)


def order_sentence(matrix: OrderMatrix, names: Mapping[str, str]) -> str:
    """Return the likeliest order of several muscles and how sure it is.

    Parameters
    ----------
    matrix : OrderMatrix
        Of one side.
    names : mapping of str to str
        What to call each channel.

    Examples
    --------
    >>> from emgorder.order import compare_muscles
    >>> order_sentence(compare_muscles([]), {})
    'Order of all muscles: cannot tell from these lifts.'
    """
    order, share = matrix.orders[0] if matrix.orders else ((), math.nan)
    if len(order) < FEWEST:
        return t.SEVERAL_UNKNOWN
    template = (
        t.SEVERAL_LIKELY if share >= VERDICT_FROM else t.SEVERAL_LEANING if share >= LEANING_FROM else t.SEVERAL_OPEN
    )
    return template.format(count=len(order), order=t.THEN.join(names[c] for c in order), share=percent(share))


def muscle_words(result: SessionResult, labels: Sequence[str]) -> dict[str, str]:
    """Return what to call each channel, as plain as tells them apart: by muscle, head, side, or else by its label."""
    codes = {m.channel: m.target_muscle for r in result.lift_results for m in r.muscles}
    sides = {c.label: c.side for c in result.channels}
    known = [MUSCLES.get(codes.get(label, "")) for label in labels]
    own = [display_text(label, LABEL_LIMIT) for label in labels]
    plain = [m.plain if m else label for m, label in zip(known, own, strict=True)]
    full = [m.name if m else label for m, label in zip(known, own, strict=True)]
    sided = [
        t.MUSCLE_OF_SIDE.get(sides.get(label, ""), t.MUSCLE_OF_SIDE[""]).format(muscle=word)
        for label, word in zip(labels, plain, strict=True)
    ]
    ways = (plain, full, sided)
    counts = [Counter(way) for way in ways]
    return {
        label: next((way[k] for way, count in zip(ways, counts, strict=True) if count[way[k]] == 1), own[k])
        for k, label in enumerate(labels)
    }


def pairs_section(result: SessionResult) -> Markup:
    """Return the table of all pairs of muscles with the likeliest order above it, nothing without further muscles."""
    if not result.has_extras:
        return Markup("")
    matrices = result.matrices
    several = len(matrices) > 1
    columns = (t.COLUMN_PAIR, t.COLUMN_LIFTS, t.COLUMN_DIFFERENCE, t.COLUMN_INTERVAL)
    chances = (t.COLUMN_P_FIRST, t.COLUMN_P_TOGETHER, t.COLUMN_P_SECOND)
    head = element("tr", *(element("th", name, scope="col") for name in (*columns, *chances)))
    rows = [row for side, matrix in matrices.items() for row in _rows(result, side if several else "", matrix)]
    table = element("table", element("thead", head), element("tbody", *rows))
    sentences = (
        f"{t.SIDE_NAMES[side]}{t.PART}{words}" if several else words
        for side, words in _sentences(result, matrices).items()
    )
    return element(
        "section",
        element("h2", t.SEVERAL_TITLE),
        said(sentences),
        element("p", t.SEVERAL_HELP.format(rope=rope_ms(result.settings.rope_s)), class_="help"),
        element("div", table, class_="wide"),
        class_="part",
    )


def _sentences(result: SessionResult, matrices: Mapping[Side, OrderMatrix]) -> dict[Side, str]:
    return {side: order_sentence(m, muscle_words(result, m.channels)) for side, m in matrices.items()}


def _rows(result: SessionResult, side: str, matrix: OrderMatrix) -> list[Markup]:
    names = muscle_words(result, matrix.channels)
    rows = []
    for i, j in itertools.combinations(range(len(matrix.channels)), 2):
        pair = t.PAIR.format(first=names[matrix.channels[i]], second=names[matrix.channels[j]])
        low_s, high_s = matrix.low_s[i, j], matrix.high_s[i, j]
        known = math.isfinite(low_s)
        cells = (
            str(matrix.n_lifts[i, j]),
            milliseconds(matrix.difference_s[i, j]),
            t.INTERVAL.format(low=milliseconds(low_s), high=milliseconds(high_s)) if known else t.NOTHING,
            *(percent(p) for p in (matrix.p_first[i, j], matrix.p_together[i, j], matrix.p_first[j, i])),
        )
        shown = capitalised(pair) if not side else t.PAIR_OF_SIDE.format(side=side, pair=pair)
        rows.append(
            element(
                "tr",
                element("th", element("bdi", shown), scope="row"),
                *(element("td", cell) for cell in cells),
            )
        )
    return rows
