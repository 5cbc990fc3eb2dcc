"""Somebody who presses buttons: walks a guided test through its screens in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from emgorder.acquisition.clocks import FastClock
from emgorder.guided import GuidedTest, Screen, Tone, Traces

Press = tuple[str, Mapping[str, Any]]
Choose = Callable[[Screen], "Press | None"]

SEED = 108
"""Its person has good signals on both sides."""


def usual(screen: Screen, *, n_lifts: int = 5, quick: bool = True, **form: Any) -> Press | None:
    """Return the large button with the fields as they are; None where it is better to wait.

    `quick` leaves out what can be left out: contact, practice.
    """
    primary = next((button.do for button in screen.buttons if button.role == "primary"), None)
    if quick and screen.step in ("contact", "practice") and any(button.do == "skip" for button in screen.buttons):
        return "skip", {}
    values = {field.name: field.value for field in screen.fields}
    if screen.step == "new":
        values |= {"fit": True, "n_lifts": n_lifts, "both": False, "pseudonym": "heron-12", **form}
    if primary in (None, "mark"):
        return None
    return primary, values


class Walk:
    """What was shown on the way."""

    def __init__(self, guided: GuidedTest) -> None:
        self.guided = guided
        self.screens: list[Screen] = []
        self.tones: list[Tone] = []
        self.traces: list[Traces] = []
        self.refusals: list[str] = []
        guided.listen(self._take)

    def _take(self, item: Screen | Tone | Traces) -> None:
        kept: list[Any] = (
            self.screens if isinstance(item, Screen) else self.tones if isinstance(item, Tone) else self.traces
        )
        kept.append(item)

    @property
    def words(self) -> str:
        """Everything that was said in checks, faults and cards."""
        return "\n".join(
            text
            for screen in self.screens
            for text in (
                screen.instruction,
                *(check.text for check in (*screen.checks, *screen.faults)),
                *(card.line for card in screen.cards),
            )
        )


def walk(guided: GuidedTest, choose: Choose = usual, *, homes: int = 1) -> Walk:
    """Press what `choose` says at every new screen; leave when home is shown again."""
    walked = Walk(guided)

    async def go() -> None:
        running = asyncio.create_task(guided.run())
        answered, at_home, was_home = -1, 0, False
        while not running.done():
            await asyncio.sleep(0.002)
            screen = guided.screen
            if screen.number == answered or not screen.buttons:
                continue
            answered = screen.number
            if screen.step == "home":
                at_home += not was_home
                was_home = True
                if at_home > homes:
                    guided.do("quit")
                    continue
            else:
                was_home = False
            pressed = choose(screen)
            if pressed is not None and (refusal := guided.do(pressed[0], pressed[1], step=screen.step)):
                walked.refusals.append(f"{screen.step} {pressed[0]}: {refusal}")
        await running

    asyncio.run(asyncio.wait_for(go(), 120))
    return walked


def new_guided(folder: Path, **options: Any) -> GuidedTest:
    """Return a guided test on a simulated person in virtual time."""
    return GuidedTest(folder, **{"clock": FastClock(), "simulate": True, "seed": SEED, **options})


def only_test(folder: Path) -> Path:
    """Return the one test in a folder."""
    (found,) = [path for path in folder.iterdir() if path.is_dir()]
    return found
