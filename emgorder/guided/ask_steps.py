"""The first steps: who is tested and how, and where the electrodes go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emgorder.errors import EmgOrderError
from emgorder.guided import texts as t
from emgorder.guided.course import Course
from emgorder.guided.desk import Desk
from emgorder.guided.plan import new_pseudonym, read_plan
from emgorder.guided.screens import Check, Choice, Field
from emgorder.guided.steps import BACK_BUTTON, NEXT_BUTTON, Move
from emgorder.order.session import MIN_VALID_LIFTS

__all__ = ["new_test", "place"]


async def new_test(desk: Desk, before: Mapping[str, Any] | None = None) -> Mapping[str, Any] | None:
    """Ask who is tested and how; return the values of the form (which may hold those from before), None to go back."""
    values: dict[str, Any] = {"pseudonym": new_pseudonym(), **(before or {})}
    checks: tuple[Check, ...] = ()
    while True:
        desk.show(
            "new",
            t.STEPS["new"],
            t.NEW_INSTRUCTION,
            fields=_form(values),
            checks=checks,
            buttons=(NEXT_BUTTON, BACK_BUTTON),
        )
        command = await desk.ask()
        if command.do == "back":
            return None
        values |= command.values
        try:
            read_plan(values)
        except EmgOrderError as error:
            checks = (Check("stop", t.sentence(str(error).removeprefix(f"{t.SCREEN}: "))),)
            continue
        return values


def _form(values: Mapping[str, Any]) -> tuple[Field, ...]:
    def chosen(name: str, default: Any) -> Any:
        return values.get(name, default)

    sides = (Choice("R", t.LEGS["R"]), Choice("L", t.LEGS["L"]))
    heads = tuple(Choice(code, words) for code, words in t.HEADS.items())
    modes = tuple(Choice(mode, words) for mode, words in t.MODE_CHOICES.items())
    return (
        Field("fit", t.SCREEN, "flag", chosen("fit", False)),
        Field("pseudonym", t.PSEUDONYM, "text", chosen("pseudonym", ""), help=t.PSEUDONYM_HELP),
        Field("side", t.FIRST_SIDE, "choice", chosen("side", "R"), sides),
        Field("both", t.BOTH_SIDES, "flag", chosen("both", True)),
        Field("hamstring", t.HEAD, "choice", chosen("hamstring", "BF"), heads),
        Field("pain", t.PAIN, "number", chosen("pain", ""), help=t.PAIN_HELP, low=0, high=10),
        Field("mode", t.MODE, "choice", chosen("mode", "assessment"), modes),
        Field(
            "n_lifts",
            t.COUNT,
            "number",
            chosen("n_lifts", 10),
            help=t.COUNT_HELP.format(least=MIN_VALID_LIFTS),
            low=1,
            high=50,
        ),
    )


async def place(desk: Desk, course: Course) -> Move:
    """Show where the electrodes go."""
    leg = t.LEGS[course.side].lower()
    desk.show(
        "place",
        t.STEPS["place"],
        t.PLACE_INSTRUCTION.format(leg=leg),
        picture=course.plan.labels(course.side),
        lines=(t.PLACE_GLUTE, t.PLACE_HAMSTRING[course.plan.hamstring], *t.PLACE_LINES),
        details=t.PLACE_DETAILS,
        buttons=(NEXT_BUTTON, BACK_BUTTON),
    )
    return "back" if (await desk.ask()).do == "back" else "next"
