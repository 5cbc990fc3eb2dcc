"""How far a test is: its plan, its sensors, its recordings, its lifts."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path

from emgorder.acquisition.status import SensorStatus
from emgorder.acquisition.table import Table
from emgorder.acquisition.transport import SensorInfo
from emgorder.guided import texts as t
from emgorder.guided.engine import LiveEngine
from emgorder.guided.faults import LOW_BATTERY
from emgorder.guided.part import Part
from emgorder.guided.plan import LiftPlan
from emgorder.guided.screens import Card, Check, Light, OnsetMark, RailStep, State, StepName
from emgorder.history.places import CUED, StoredTest
from emgorder.model import LiftResult, Side, Sync
from emgorder.report.words import lift_line

__all__ = ["Course", "Try"]

_MUCH_LOST = 0.01


@dataclass(slots=True)
class Try:
    """One lift that was asked for: counted, taken back or neither."""

    id: int
    side: Side
    number: int
    total: int
    cue_host_s: float = math.nan
    cue_s: float = math.nan
    result: LiftResult | None = None
    reason: str = ""
    undone: bool = False
    shown: bool = False
    seen: bool = False
    done: bool = False
    part: Part | None = None
    blind: bool = False  # the live analysis had stopped: only the report can tell

    @property
    def counted(self) -> bool:
        """Whether it counts as far as is known now."""
        return self.done and not self.undone and not self.doubt

    @property
    def doubt(self) -> str:
        """Why it does not count; empty where it does, or while it lasts."""
        if self.reason or not self.done:
            return self.reason
        if self.result is None:
            return "" if self.blind else "not analysed"
        return "" if self.result.valid else self.result.reason

    def card(self) -> Card:
        """Return what is shown of it."""
        places = {"number": self.number, "total": self.total}
        if self.undone and not self.reason:
            line = t.TAKEN_BACK.format(line=t.RECORDED.format(**places))
            return Card(self.id, self.side, line, "info", False, undone=True)
        if not self.done:
            words = t.SEEN if self.seen else t.WORKING
            return Card(self.id, self.side, words.format(**places), "wait", False)
        if self.doubt:
            return Card(
                self.id, self.side, t.NOT_COUNTED.format(reason=self.doubt, **places), "attention", False, self.undone
            )
        if not self.shown or self.result is None:
            return Card(self.id, self.side, t.RECORDED.format(**places), "ok", True)
        numbered = replace(self.result, lift=replace(self.result.lift, number=self.number), provisional=False)
        order = self.result.order
        return Card(
            self.id,
            self.side,
            lift_line(numbered, total=self.total),
            "ok",
            True,
            difference_ms=round(order.difference_s * 1e3, 1),
            low_ms=round(order.low_s * 1e3, 1),
            high_ms=round(order.high_s * 1e3, 1),
        )


@dataclass(slots=True)
class Course:
    """How far a test is; one at a time."""

    plan: LiftPlan
    stored: StoredTest
    side: Side
    table: Table | None = None
    chosen: tuple[SensorInfo, ...] = ()
    part: Part | None = None
    tries: list[Try] = field(default_factory=list)
    efforts: dict[int, float] = field(default_factory=dict)
    sync: Sync | None = None
    problems: list[Check] = field(default_factory=list)
    done: set[StepName] = field(default_factory=set)
    done_sides: list[Side] = field(default_factory=list)
    cued: bool = False

    @property
    def instruction(self) -> str:
        """What the person is told."""
        return t.CUED_INSTRUCTION if self.cued else t.LIFT_INSTRUCTION

    @property
    def engine(self) -> LiveEngine | None:
        """The live engine of the present recording."""
        return self.part.engine if self.part is not None else None

    def records(self, side: Side) -> bool:
        """Return whether the present recording holds both muscles of a side."""
        if self.part is None:
            return False
        return set(self.plan.labels(side)) <= {channel.label for channel in self.part.engine.channels}

    def of_side(self, side: Side) -> list[Try]:
        """Return the lifts that were asked for on a side."""
        return [each for each in self.tries if each.side == side]

    def to_take_back(self) -> list[Try]:
        """Return the lifts of the present side and recording that can be taken back, the one that lasts among them."""
        return [each for each in self.of_side(self.side) if not each.undone and each.part is self.part]

    def n_counted(self, side: Side) -> int:
        """Return how many lifts of a side count so far."""
        return sum(each.counted for each in self.of_side(side))

    def journal(self, side: Side, *, both: bool) -> Path:
        """Return a free name for a recording."""
        stem = ("both" if both else t.SIDES[side] or "leg") + (CUED if self.cued else "")
        number, path = 1, self.stored.path / f"{stem}.emgj"
        while path.exists():
            number += 1
            path = self.stored.path / f"{stem}-{number}.emgj"
        return path

    def rail(self, now: StepName) -> tuple[RailStep, ...]:
        """Return the rail with the step that is on the screen."""
        shown = [step for step in t.STEPS if step != "other" or self.plan.both]
        return tuple(
            RailStep(step, t.STEPS[step], "now" if step == now else "done" if step in self.done else "todo")
            for step in shown
        )

    def lights(self) -> tuple[Light, ...]:
        """Return how the sensors do."""
        if self.part is None or not self.part.running:
            return ()
        statuses = self.part.status.sensors()
        return tuple(
            _light(self.part, sensor, status) for sensor, status in zip(self.part.chosen, statuses, strict=True)
        )

    def faults(self) -> tuple[Check, ...]:
        """Return what is wrong now."""
        found = list(self.problems)
        if self.part is not None and self.part.running:
            engine = self.part.engine
            self.part.faults.look(engine.channels, engine.raw(1.0), engine.sampling_frequency)
            found += self.part.faults.checks()
            if engine.errors:
                found.append(Check("attention", t.LIVE_STOPPED))
        return tuple(found)

    def onsets(self) -> tuple[OnsetMark, ...]:
        """Return the onsets of the last lifts that may be shown."""
        return tuple(
            OnsetMark(m.channel, m.onset.time_s, m.onset.low_s, m.onset.high_s)
            for each in self.of_side(self.side)[-3:]
            if each.shown and each.result is not None
            for m in each.result.muscles[:2]
            if m.onset.found
        )


def _light(part: Part, sensor: SensorInfo, status: SensorStatus) -> Light:
    total = status.n_samples + status.n_lost
    loss = status.n_lost / total if total else 0.0
    lost = sensor.id in part.faults.lost
    percent = status.battery.removesuffix(" %")
    battery = int(percent) if percent.isdecimal() else None
    words = t.SENSOR_LIGHT.format(
        rate=f"{status.rate} · " if status.rate else "",
        loss=loss,
        battery="" if battery is None else f" · battery {battery} %",
        clock=f" · clock ±{status.clock_sd_s * 1e3:.1f} ms"
        if len(part.chosen) > 1 and math.isfinite(status.clock_sd_s)
        else "",
    )
    title = t.sensor_place(sensor.name or sensor.id, status.labels)
    poor = loss > _MUCH_LOST or (battery is not None and battery < LOW_BATTERY)
    state: State = "stop" if lost else "attention" if poor else "ok"
    return Light(sensor.id, title, state, t.LIGHT_LOST if lost else words, battery, round(loss, 4))
