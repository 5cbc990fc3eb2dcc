"""The methods paragraph: what was done to reach a result, complete enough to be repeated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from emgorder.model import SideResult
from emgorder.onset.registry import find_method
from emgorder.order.contrast import ERROR_RATIO
from emgorder.order.followup import FLOOR_S, REPLACEMENT_SD_S
from emgorder.order.session import MIN_VALID_LIFTS
from emgorder.report import texts as t
from emgorder.report.display import display_text, milliseconds, muscle_name, number, rope_ms
from emgorder.report.statements import exclusion_sentence

if TYPE_CHECKING:
    from emgorder.analysis.result import SessionResult
    from emgorder.report.beside import Beside

__all__ = ["methods_paragraph"]


def methods_paragraph(result: SessionResult, beside: Beside | None = None) -> str:
    """Return a paragraph for a paper: signals, filters, onset rule and its source, pooling, exclusions, versions.

    Only what the result holds is said; what it does not hold is left out.

    Examples
    --------
    >>> from emgorder.analysis.result import SessionResult
    >>> from emgorder.analysis.settings import Settings
    >>> "differences within ±20 ms count as together" in methods_paragraph(
    ...     SessionResult((), (), (), Settings(rope_s=0.020))
    ... )
    True
    """
    said = [
        _signals(result),
        *_conditioning(result),
        *_onset(result),
        t.METHODS_DIFFERENCE.format(rope=rope_ms(result.settings.rope_s)),
        *_clocks(result.sides),
        _pooling(result),
        *_comparisons(result, beside),
        *([t.METHODS_ACTIVITY] if result.references else []),
        exclusion_sentence(result.lift_results),
    ]
    if result.version:
        said.append(t.METHODS_VERSION.format(version=display_text(result.version), libraries=_libraries(result)))
    return " ".join(said)


def _comparisons(result: SessionResult, beside: Beside | None) -> list[str]:
    said = []
    if len(result.sides) > 1 or (beside and beside.cued):
        said.append(t.METHODS_SIDES.format(ratio=number(ERROR_RATIO, 2)))
    if beside and any(len(trend.points) > 1 for trend in beside.trends):
        said.append(t.METHODS_FOLLOWUP.format(placement=milliseconds(REPLACEMENT_SD_S), floor=milliseconds(FLOOR_S)))
    return said


def _libraries(result: SessionResult) -> str:
    names = t.LIST.join(display_text(f"{name} {version}") for name, version in result.software.items())
    return t.METHODS_LIBRARIES.format(names=names) if names else ""


def _signals(result: SessionResult) -> str:
    muscles = dict.fromkeys(muscle_name(c.target_muscle) for c in result.channels if c.target_muscle)
    return t.METHODS_SIGNALS.format(
        muscles=t.AND.join(muscles) or t.METHODS_NO_MUSCLES,
        rate=number(result.sampling_frequency),
        duration=number(result.duration_s),
    )


def _conditioning(result: SessionResult) -> list[str]:
    done = result.conditioning
    said = []
    lowest, highest = done.get("highpass_Hz"), done.get("lowpass_Hz")
    if isinstance(lowest, int | float) and isinstance(highest, int | float | None) and "lowpass_Hz" in done:
        band = t.METHODS_NO_LOWPASS if highest is None else t.METHODS_BAND
        notch_Hz = done.get("notch_Hz")
        said.append(
            t.METHODS_FILTER.format(
                filter=display_text(done.get("filter") or t.METHODS_FILTER_UNNAMED),
                band=band.format(highpass=number(lowest), lowpass="" if highest is None else number(highest)),
                notch=t.METHODS_NOTCH.format(notch=number(notch_Hz)) if notch_Hz else t.METHODS_NO_NOTCH,
            )
        )
    if "crosstalk" in done:
        told = done["crosstalk"]
        removed = "; ".join(display_text(x, 160) for x in (told if isinstance(told, list | tuple) else [told]) if x)
        said.append(t.METHODS_CROSSTALK.format(crosstalk=removed) if removed else t.METHODS_NO_CROSSTALK)
    return said


def _onset(result: SessionResult) -> list[str]:
    method = find_method(result.settings.method)
    options = ", ".join(f"{key} = {value}" for key, value in method.defaults.items())
    said = (t.METHODS_ONSET if method.doi else t.METHODS_ONSET_OWN).format(
        title=method.title, name=method.name, citation=method.citation, doi=f"{t.DOI}{method.doi}"
    )
    return [
        said,
        *([t.METHODS_OPTIONS.format(options=options)] if options else []),
        *([t.METHODS_DEVIATIONS.format(deviations=method.deviations)] if method.deviations else []),
    ]


def _clocks(sides: Sequence[SideResult]) -> list[str]:
    alike = len({(s.sync.method, s.sync.offset_s, s.sync.sd_s) for s in sides}) == 1
    return [
        (t.METHODS_CLOCK if s.sync.known else t.METHODS_CLOCK_UNKNOWN).format(
            side="" if alike else t.SIDE_ADVERBS[s.side],
            method=display_text(s.sync.method),
            offset=number(1e3 * s.sync.offset_s),
            sd=number(1e3 * s.sync.sd_s),
        )
        for s in (sides[:1] if alike else sides)
    ]


def _pooling(result: SessionResult) -> str:
    given = any(math.isfinite(r.order.p_together) for r in result.lift_results)
    if given or find_method(result.settings.method).has_posterior:
        return t.METHODS_POOLING.format(needed=MIN_VALID_LIFTS)
    return t.METHODS_NO_POSTERIOR
