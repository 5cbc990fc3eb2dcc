"""The table of the sensors: how fast each really sampled, what it lost, and how well its clock is known."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emgorder.report import texts as t
from emgorder.report.display import display_text, number
from emgorder.report.markup import Markup, element

if TYPE_CHECKING:
    from emgorder.analysis.result import SessionResult

__all__ = ["clock_table"]

_MOST_SENSORS = 16
_SENSOR_LIMIT = 40
_FAULTS = ("lost_samples", "duplicate_packets", "damaged_packets")


def clock_table(result: SessionResult) -> list[Markup]:
    """Return the table as a list of one, or an empty list where the recording does not tell of its sensors.

    Examples
    --------
    >>> from emgorder.analysis.result import SessionResult
    >>> from emgorder.analysis.settings import Settings
    >>> clock_table(SessionResult((), (), (), Settings()))
    []
    """
    told = result.meta.get("Sensors")
    sensors = [s for s in told if isinstance(s, Mapping)][:_MOST_SENSORS] if isinstance(told, list | tuple) else []
    if not sensors:
        return []
    head = element("tr", *(element("th", name, scope="col") for name in t.SENSOR_COLUMNS))
    table = element("table", element("thead", head), element("tbody", *map(_row, sensors)))
    return [element("div", table, class_="wide channels"), element("p", t.SENSOR_HELP, class_="help")]


def _row(sensor: Mapping[str, Any]) -> Markup:
    recording = display_text(sensor.get("recording", ""), _SENSOR_LIMIT)
    name = display_text(sensor.get("id", "") or sensor.get("kind", ""), _SENSOR_LIMIT) or t.NOTHING
    faults = t.FAULTS.join(number(_value(sensor, key), 0) for key in _FAULTS)
    cells = (_rate(sensor), faults, _clock(sensor))
    return element(
        "tr",
        element("th", element("bdi", t.PART.join(x for x in (recording, name) if x)), scope="row"),
        *(element("td", cell) for cell in cells),
    )


def _rate(sensor: Mapping[str, Any]) -> str:
    nominal, measured = _value(sensor, "nominal_rate_Hz"), _value(sensor, "rate_Hz")
    if not (measured > 0 and nominal > 0):
        return number(nominal if nominal > 0 else measured)
    return t.SENSOR_RATE.format(rate=number(measured, 2), ppm=f"{1e6 * (measured / nominal - 1.0):+.0f}")


def _clock(sensor: Mapping[str, Any]) -> str:
    own = t.SENSOR_CLOCK.format(sd=number(1e3 * _value(sensor, "clock_sd_s")))
    offset_s, sd_s = _value(sensor, "clock_offset_s"), _value(sensor, "clock_offset_sd_s")
    if not math.isfinite(offset_s):
        return own
    method = display_text(sensor.get("clock_method", ""), _SENSOR_LIMIT)
    return t.SENSOR_OFFSET.format(offset=number(1e3 * offset_s), sd=number(1e3 * sd_s), method=method)


def _value(sensor: Mapping[str, Any], key: str) -> float:
    value = sensor.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
