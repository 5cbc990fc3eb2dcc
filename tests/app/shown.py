"""Screens as a test shows them, one of each kind, for tests and pictures of the page by itself."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from emgorder.guided.screens import (
    Button,
    Card,
    Check,
    Choice,
    Field,
    Light,
    OnsetMark,
    PastTest,
    RailStep,
    Ring,
    Screen,
    SideView,
    StepName,
    Traces,
)
from emgorder.model import Lift, LiftOrder, LiftResult, SideResult
from emgorder.report.figures import difference_limits, dot_chart

LABELS = ("GMAX_R", "BF_R")
DIFFERENCES_MS = (62.0, 84.0, -12.0, 110.0, 71.0, 95.0, 58.0, 88.0, 120.0)
_STEPS: tuple[tuple[StepName, str], ...] = (
    ("new", "New test"),
    ("place", "Place"),
    ("connect", "Connect"),
    ("contact", "Contact"),
    ("rest", "Rest"),
    ("mvc", "Strength"),
    ("practice", "Practice"),
    ("lifts", "Lifts right"),
    ("other", "Lifts left"),
    ("report", "Result"),
    ("exercises", "Exercises"),
    ("follow", "Follow-up"),
)
_BACK = Button("back", "Back", key="b")
_QUIT = Button("quit", "Stop and keep", role="danger", key="q")
_NOTE = Button("note", "Note", key="n")


def rail(now: StepName) -> tuple[RailStep, ...]:
    """Return the rail at a step."""
    at = [step for step, _ in _STEPS].index(now)
    return tuple(
        RailStep(step, words, "done" if i < at else "now" if i == at else "todo")
        for i, (step, words) in enumerate(_STEPS)
    )


def lights() -> tuple[Light, ...]:
    """Return the lights of two good sensors."""
    return (
        Light("a", "Glute sensor", "ok", "connected", 82, 0.0),
        Light("b", "Hamstring sensor", "ok", "connected", 79, 0.002),
    )


def _in_test(step: StepName, title: str, instruction: str, **more: object) -> Screen:
    shown = Screen(
        step=step,
        title=title,
        instruction=instruction,
        header="Right leg · assessment · runner-07",
        steps=rail(step),
        lights=lights(),
        simulated=True,
        now_s=100.0,
        number=10,
    )
    return replace(shown, **more)  # type: ignore[arg-type]


def _actions(test_id: str) -> tuple[Button, ...]:
    return (
        Button(f"open:{test_id}", "Result"),
        Button(f"replay1:{test_id}", "Replay"),
        Button(f"replay4:{test_id}", "Replay 4×"),
    )


def home() -> Screen:
    """Return the first screen, with tests of before."""
    past = (
        PastTest(
            "runner-07_20260301T101500",
            "runner-07",
            "1 March 2026, 10:15",
            ("RIGHT: hamstring first in 9 of 10 lifts.", "LEFT: cannot tell from these lifts."),
            "finished",
            _actions("runner-07_20260301T101500"),
        ),
        PastTest(
            "anna_20260228T160500",
            "anna",
            "28 February 2026, 16:05",
            ("Stopped after 4 lifts.",),
            "unfinished",
            (Button("finish:anna_20260228T160500", "Make the result"),),
        ),
        PastTest("x_20260201T090000", "x", "1 February 2026, 09:00", ("The file ends too early.",), "unreadable"),
    )
    return Screen(
        step="home",
        title="Prone leg lift",
        instruction="Which muscle fires first?",
        lines=("Two sensors, ten lifts a side, about ten minutes.",),
        past=past,
        buttons=(
            Button("new", "New test", "primary", "space"),
            Button("scan", "Look for sensors"),
            Button("quit", "Close", "danger", "q"),
        ),
        number=1,
    )


def new() -> Screen:
    """Return the form of a new test, with a field of every kind."""
    fields = (
        Field("pseudonym", "Name for this person", "text", help="A made-up name: no real one is needed."),
        Field("side", "Side to begin with", "choice", "R", (Choice("R", "Right"), Choice("L", "Left"))),
        Field(
            "hamstring",
            "Hamstring head",
            "choice",
            "BF",
            (Choice("BF", "Outer (biceps femoris)"), Choice("ST", "Inner (semitendinosus)")),
        ),
        Field("pain", "Pain now", "number", 0, help="0 is none, 10 the worst there can be.", low=0, high=10),
        Field("lifts", "Lifts a side", "number", 10, low=3, high=40),
        Field(
            "screen",
            "Does any of these apply?",
            "many",
            (),
            (Choice("severe", "Severe pain"), Choice("surgery", "Surgery lately"), Choice("prone", "Cannot lie prone")),
        ),
        Field("training", "Say the result after each lift (training)", "flag", False, help="It changes the next lift."),
        Field("notes", "Notes", "longtext"),
    )
    return _in_test(
        "new",
        "New test",
        "Who is on the table?",
        header="",
        lights=(),
        fields=fields,
        buttons=(Button("next", "Next", "primary", "space"), _BACK),
    )


def place(labels: tuple[str, ...] = LABELS) -> Screen:
    """Return where the electrodes go."""
    return _in_test(
        "place",
        "Place the electrodes",
        "Stick a pair of electrodes on each muscle",
        lines=(
            "Glute: half-way between sacrum and hip bone, on the fullest part of the buttock.",
            "Hamstring: half-way between sit bone and outer knee. Keep off the fold under the buttock.",
            "Shave, rub, clean with alcohol, let it dry. 20 mm between the two electrodes, along the muscle.",
        ),
        details=("The reference goes on the ankle.", "Places after SENIAM."),
        picture=labels,
        lights=(),
        buttons=(Button("next", "They are on", "primary", "space"), _BACK, _QUIT),
    )


def connect() -> Screen:
    """Return the sensors' step, with what was found."""
    return _in_test(
        "connect",
        "Connect",
        "Tap both sensors together, three times",
        checks=(
            Check("ok", "Glute sensor: 1000 Hz, battery 82 %, loss 0.0 %"),
            Check("ok", "Hamstring sensor: 1000 Hz, battery 79 %, loss 0.2 %"),
            Check("wait", "Clock difference: waiting for taps"),
            Check("info", "No tone heard? Turn the volume up and try the sound again."),
        ),
        buttons=(
            Button("tap", "I have tapped", "primary", "space"),
            Button("sound", "Try the sound", key="t"),
            Button("scan", "Look again", key="r"),
            _BACK,
            _QUIT,
        ),
    )


def contact() -> Screen:
    """Return the contact check with a noisy hamstring, and the picture of its place."""
    return _in_test(
        "contact",
        "Contact",
        "Bend your knee against my hand",
        traces=True,
        picture=("BF_R",),
        checks=(
            Check("ok", "Glute clear: 21 dB"),
            Check("attention", "Hamstring noisy", "Re-clean the skin, press the electrodes on, then try again."),
            Check("stop", "Hamstring: mains hum is stronger than the muscle", "Move the charger and its cable away."),
        ),
        buttons=(Button("repeat", "Try again", "primary", "space"), Button("skip", "Go on as it is"), _BACK, _QUIT),
    )


def rest() -> Screen:
    """Return the quiet baseline."""
    return _in_test(
        "rest",
        "Rest",
        "Let the leg go heavy",
        traces=True,
        ring=Ring("rest", "Stay loose", 98.0, 5.0),
        checks=(Check("attention", "Glute still tense", "Let the leg go heavy, toes turned in."),),
        buttons=(Button("repeat", "Start again", key="r"), _BACK, _QUIT),
    )


def cards(count: int, *, told: bool) -> tuple[Card, ...]:
    """Return the cards of the first lifts, the fifth not counted; differences only where they are `told`."""
    shown = []
    for i in range(count):
        difference_ms = DIFFERENCES_MS[i % len(DIFFERENCES_MS)]
        if i == 4:
            shown.append(Card(i + 1, "R", f"Lift {i + 1}/10 · not counted: moved before the tone", "attention", False))
        elif not told:
            shown.append(Card(i + 1, "R", f"Lift {i + 1}/10 · recorded", "ok", True))
        else:
            order = "too close to call" if abs(difference_ms) < 30 else f"hamstring first · {difference_ms:.0f} ms"
            line = f"Lift {i + 1}/10 · {order}"
            interval = (difference_ms - 28, difference_ms + 31)
            shown.append(Card(i + 1, "R", line, "ok", True, i == 2, difference_ms, *interval))
    return tuple(shown)


def lifts(ring: Ring | None = None, count: int = 4, *, told: bool = True) -> Screen:
    """Return the lifts, in training mode where differences are `told`."""
    return _in_test(
        "lifts",
        "Lifts, right leg",
        "Lift your straight leg when you hear the tone",
        header=f"Right leg · {'training' if told else 'assessment'} · runner-07",
        traces=True,
        ring=ring or Ring("foreperiod", "Wait for the tone", 98.9, 2.6, f"{count} / 10"),
        cards=cards(count, told=told),
        onsets=(OnsetMark("GMAX_R", 96.37, 96.34, 96.40), OnsetMark("BF_R", 96.30, 96.288, 96.312)),
        buttons=(
            Button("lift", "Next lift", "primary", "space"),
            Button("undo", "Undo", key="u"),
            Button("repeat", "Repeat", key="r"),
            _NOTE,
            Button("pause", "Pause", key="p"),
            _QUIT,
        ),
    )


def faulty() -> Screen:
    """Return the lifts while a sensor is lost."""
    lost = Light("b", "Hamstring sensor", "stop", "lost", 79, 0.31)
    low = Light("a", "Glute sensor", "attention", "battery low", 9, 0.0)
    return replace(
        lifts(Ring("settle", "Waiting for the sensor", count="4 / 10"), 5),
        lights=(low, lost),
        faults=(
            Check("stop", "The hamstring sensor is lost", "Bring it nearer or switch it on: it comes back by itself."),
            Check("attention", "Battery of the glute sensor: 9 %", "Charge it after this test."),
        ),
    )


def _results(differences_ms: tuple[float, ...]) -> list[LiftResult]:
    results = []
    for i, ms in enumerate(differences_ms):
        order = LiftOrder(ms / 1e3, (ms - 28) / 1e3, (ms + 31) / 1e3, 0.02, 0.08, 0.9, 0.03)
        results.append(LiftResult(Lift(i + 1, "R", 8.0 * i, 8.0 * i + 4), (), order, valid=True))
    lift = Lift(len(differences_ms) + 1, "R", 90.0, 94.0)
    return [*results, LiftResult(lift, (), LiftOrder(), valid=False, reason="moved before the tone")]


def report(*, both: bool = True) -> Screen:
    """Return the result."""
    results = _results(DIFFERENCES_MS)
    side = SideResult("R", "hamstring first", 10, 9, 0, 1, 8, 0.079, 0.052, 0.104, 0.0, 0.01, 0.99)
    limits = difference_limits(results, [side])
    right = SideView(
        "RIGHT",
        "hamstring first in 8 of 9 lifts",
        ("Average lead 79 ms [52 to 104].", "Very likely hamstring-first.", "This is common in healthy people."),
        "hamstring first",
        dot_chart(results, side, limits).text,
    )
    doubt = SideResult("L", "cannot tell", 10, 9, 4, 2, 3, 0.004, -0.030, 0.036)
    left = SideView(
        "LEFT",
        "cannot tell from these lifts",
        ("Glute first in 4, hamstring first in 3 of 9 lifts.", "About 12 more lifts may tell."),
        "cannot tell",
        dot_chart(_results((-40.0, 22.0, -71.0, 64.0, 5.0, -55.0, 48.0, -33.0, 90.0)), doubt, limits).text,
    )
    return _in_test(
        "report",
        "Result",
        "",
        lights=(),
        sides=(right, left) if both else (right,),
        files=("runner-07_20260301T101500.csv", "runner-07_20260301T101500.html"),
        lines=("Research and training tool. Not a diagnosis.",),
        details=("Order does not measure strength or show that a muscle is 'not working'.",),
        report="runner-07_20260301T101500",
        buttons=(
            Button("next", "Exercises", "primary", "space"),
            Button("replay4:runner-07_20260301T101500", "Replay 4×"),
            _NOTE,
            Button("home", "Home", key="h"),
        ),
    )


def exercises() -> Screen:
    """Return the choice of exercises."""
    names = ("Single-leg bridge", "Fire hydrant", "Clams", "Bird dog", "Donkey kicks", "Lunges", "Step-ups", "Squats")
    chosen = tuple(Choice(name.lower().replace(" ", "_"), name) for name in names)
    return _in_test(
        "exercises",
        "Exercises",
        "Choose exercises, if you like",
        lights=(),
        lines=(
            "General glute exercises, not prescribed by this result.",
            "No evidence was found that they change the firing order.",
        ),
        fields=(Field("exercises", "Exercises", "many", ("clams",), chosen),),
        buttons=(Button("next", "Done", "primary", "space"), _BACK),
    )


def replay() -> Screen:
    """Return the replay of a recording at four times its speed, in dark words of a long name."""
    return replace(
        lifts(Ring("lift", "Lift", 99.8, 1.0, "7 / 10"), 7, told=False), simulated=False, replayed=True, speed=4.0
    )


def screens() -> dict[str, Screen]:
    """Return one screen of every kind, by name."""
    return {
        "home": home(),
        "home_empty": replace(home(), past=()),
        "new": new(),
        "place": place(),
        "place_all": place(("GMAX_R", "BF_R", "GMAX_L", "ST_L", "GMED_L", "ES_R")),
        "connect": connect(),
        "contact": contact(),
        "rest": rest(),
        "lifts": lifts(),
        "lift_now": lifts(Ring("lift", "Lift", 99.4, 1.0, "5 / 10"), 9, told=False),
        "lifts_first": lifts(Ring("settle", "Lie still", count="1 / 10"), 0),
        "faulty": faulty(),
        "replay": replay(),
        "report": report(),
        "report_one": report(both=False),
        "exercises": exercises(),
    }


def traces(stop_s: float = 100.0, *, labels: tuple[str, ...] = LABELS, seed: int = 1, gap: bool = False) -> Traces:
    """Return the last 8 s of strips: rest, and a lift whose hamstring starts 70 ms before the glute."""
    rng = np.random.default_rng(seed)
    step_s, length_s = 0.01, 8.0
    times = stop_s - length_s + step_s * np.arange(round(length_s / step_s))
    low, high, envelope = (np.empty((len(times), len(labels))) for _ in range(3))
    for column, (start_s, size) in enumerate(zip((96.37, 96.30), (140.0, 180.0), strict=False)):
        rise = np.clip((times - start_s) / 0.15, 0, 1) * np.clip((98.2 - times) / 0.5, 0, 1)
        level = 3.0 + size * rise * (1 + 0.12 * np.sin(9 * times))
        envelope[:, column] = level
        high[:, column] = level * np.abs(rng.normal(1.0, 0.5, len(times)))
        low[:, column] = -level * np.abs(rng.normal(1.0, 0.5, len(times)))
    if gap:
        for values in (low, high, envelope):
            values[200:230, 1] = math.nan
    return Traces(
        labels, float(times[0]), step_s, low, high, envelope, ("µV",) * len(labels), (3.0, 3.0), (150.0, 190.0)
    )
