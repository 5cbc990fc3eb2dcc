"""Every text of the guided test, in one place: to read over, to test for unkind words, and to translate."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from emgorder.guided.screens import StepName
from emgorder.model import Side
from emgorder.muscles import MUSCLES, parse_label
from emgorder.report.display import display_text

# ---------------------------------------------------------------- steps

STEPS: MappingProxyType[StepName, str] = MappingProxyType(
    {
        "new": "New test",
        "place": "Place",
        "connect": "Connect",
        "contact": "Contact",
        "rest": "Rest",
        "mvc": "Full effort",
        "practice": "Practice",
        "lifts": "Lifts",
        "other": "Other side",
        "report": "Report",
        "exercises": "Exercises",
        "follow": "Follow-up",
    }
)
SIDES: MappingProxyType[Side, str] = MappingProxyType({"R": "right", "L": "left", "": ""})
LEGS: MappingProxyType[Side, str] = MappingProxyType({"R": "Right leg", "L": "Left leg", "": "Leg"})
MODES = MappingProxyType({"assessment": "assessment", "training": "training"})

# ---------------------------------------------------------------- buttons

NEXT, BACK, SKIP, HOME = "Next", "Back", "Skip", "Home"
START, AGAIN, GO_ON = "Start", "Once more", "Go on"
STOP, STOP_KEEP = "Stop", "Stop and keep"
PAUSE, RESUME = "Pause", "Go on"
UNDO, NOTE = "Take back the last lift", "Note"
MARK, NEXT_LIFT = "Mark", "Next lift"

# ---------------------------------------------------------------- home

HOME_TITLE = "Who fires first?"
HOME_INSTRUCTION = "Prone leg lift: glute or hamstring?"
KEPT_IN = "Tests are kept in {folder}"
QUIT = "Quit"
HOME_LINES = ("Research and training tool. Not a diagnosis.", "Everything stays on this computer.")
NEW_TEST = "New test"
OPEN, REPLAY_1, REPLAY_4, FINISH_IT = "Open", "Replay", "Replay 4×", "Finish"
UNFINISHED = "Not finished. What was recorded is kept."
UNREADABLE = "Cannot be read: {reason}"

# ---------------------------------------------------------------- new test

NEW_INSTRUCTION = "Who is tested, and how?"
PSEUDONYM, PSEUDONYM_HELP = "Pseudonym", "Not the name: this word is on files and reports."
FIRST_SIDE, BOTH_SIDES, HEAD, PAIN, PAIN_HELP, MODE, COUNT, COUNT_HELP = (
    "First side",
    "Test the other side too",
    "Hamstring under the electrodes",
    "Pain now, 0 to 10",
    "Leave empty if it was not asked.",
    "When is the order shown?",
    "Lifts a side",
    "A verdict needs at least {least} that count.",
)
HEADS = MappingProxyType({"BF": "Outer: biceps femoris", "ST": "Inner: semitendinosus"})
MODE_CHOICES = MappingProxyType({"assessment": "After the set (assessment)", "training": "After each lift (training)"})
SCREEN = "None of these: severe pain, recent surgery, unable to lie on the front"
SCREEN_STOP = "Please do not test now."
SCREEN_REMEDY = "With severe pain, recent surgery, or when lying on the front is not possible, ask a clinician first."
PAIN_STOP = "Pain of {pain} of 10 is too much for this test today."

# ---------------------------------------------------------------- place

PLACE_INSTRUCTION = "Put the electrodes on: {leg}"
PLACE_GLUTE = (
    "Glute: half-way between sacrum and the bony point at the side of the hip (greater trochanter), "
    "on the fullest part of the buttock."
)
PLACE_HAMSTRING = MappingProxyType(
    {
        "BF": "Hamstring, outer: half-way between sit bone and the outer side of the knee.",
        "ST": "Hamstring, inner: half-way between sit bone and the inner side of the knee.",
    }
)
PLACE_LINES = (
    "Two electrodes 20 mm apart, along the fibres. Reference on the ankle.",
    "Keep the hamstring sensor off the fold below the buttock.",
)
PLACE_DETAILS = (
    "Shave, rub, wipe with alcohol, let it dry.",
    "Prone, knee straight, hip neutral, feet off the end of the table, head always to the same side.",
    "Placement after SENIAM.",
)

# ---------------------------------------------------------------- connect

CONNECT_INSTRUCTION = "Switch the sensors on"
SCANNING = "Looking for sensors…"
NONE_FOUND = "No sensor was heard."
NONE_FOUND_REMEDY = "Switch it on, bring it nearer, end its connection to any other program or phone."
RADIO_FAILED = "Bluetooth cannot be used: {reason}"
SCAN_AGAIN, SIMULATE = "Look again", "Use simulated sensors"
CHOOSE, CHOOSE_HELP = "Sensors", "Those on this person."
USE_THESE = "Use these"
NONE_CHOSEN = "No sensor is chosen: tick those on this person."
ASSIGN_INSTRUCTION = "Which muscle is on which channel?"
CHANNEL_OF = "{name}, channel {number}"
UNUSED = "not used"
CHECKING = "Checking {name}…"
SOUND_TEST = "Test the sound"
STARTING = "Starting…"
NEED_PAIR = "A glute and a hamstring of the {side} leg are needed: choose them."
TWICE = "{label} is chosen twice: each muscle once."
TAP_INSTRUCTION = "Tap both sensors together, once with each click"
TAP_START = "Start the clicks"
TAP_WHY = "Two sensors have two clocks. Five taps on both at once tell how far they are apart."
TAP_OK = "Clock difference {offset:.0f} ms ± {sd:.0f}: OK"
TAP_POOR = "Clock difference {offset:.0f} ms ± {sd:.0f}: not sure enough"
TAP_FAILED = "The taps could not be used: {reason}"
TAP_REMEDY = "Hold both sensors side by side and tap both with one finger, firmly."

# ---------------------------------------------------------------- contact, rest, effort

CONTACT_GLUTE = "Squeeze the {side} buttock"
CONTACT_HAMSTRING = "Bend the {side} knee against a hand"
CONTACT_WAIT = "Rest, then {what} for {seconds:.0f} s"
CONTACT_NOW = "Now: {what}"
CONTACT_GOOD = "{muscle}: {level:.0f} dB above rest"
CONTACT_NONE = "{muscle}: nothing came"
CONTACT_NONE_REMEDY = "Check that the electrodes are on this muscle and stick."
CONTACT_LEAK = "{other} also rises ({share:.0f} % of its own effort)"
CONTACT_LEAK_REMEDY = "Fine if the person used both muscles; else move the electrodes apart."
REST_INSTRUCTION = "Lie still. Let the leg go heavy."
REST_GOOD = "{muscle}: quiet"
REST_TENSE = "{muscle} still tense"
REST_REMEDY = "Let the leg go heavy, breathe out; a cushion under the ankle helps."
MVC_INSTRUCTION = "Full effort, to compare strength (optional)"
MVC_SKIPPED = "Without it: strength comparison unavailable."
MVC_TRIAL = "{what} as hard as possible: trial {number} of {total}"
MVC_DONE = "{muscle}: trial {number} recorded"
BROKEN_OFF = "broken off"
LOST_MEANWHILE = "A sensor was lost meanwhile: once more, when it is back."
EFFORT_LOST = "sensor lost meanwhile"
MVC_REST = "Rest before the next full effort"

# ---------------------------------------------------------------- lifts

LIFT_INSTRUCTION = "Lift your straight leg when you hear the tone"
CUED_INSTRUCTION = "Squeeze your buttock first, then lift your straight leg when you hear the tone"
CUED_READ_OUT = "Read this out. It asks whether the order can be changed today."
LIFT_READ_OUT = "Read this out, and nothing about muscles."
PRACTICE_INSTRUCTION = "Practice: lift your straight {side} leg when you hear the tone"
PRACTICE_CARD = "Practice {number}/{total} · {what}"
PRACTICE_SEEN, PRACTICE_MISSED = "seen", "not seen: wait for the tone, then lift"
PRACTICE_EARLY = "moved before the tone: wait for it"
LIFTS_LINE = "About one second up, hold, slowly down."
SETTLE, FOREPERIOD, LIFT, HOLD, LOWER = "Relax", "Wait for the tone", "Lift", "Hold", "Lower"
REST, WORK, PAUSED = "Rest", "Now", "Paused"
RECORDED = "Lift {number}/{total} · recorded"
NOT_COUNTED = "Lift {number}/{total} · not counted: {reason}"
TAKEN_BACK = "{line} · taken back"
WORKING = "Lift {number}/{total} · …"
SEEN = "Lift {number}/{total} · seen"
NEVER_QUIET = "{muscles} still tense."
NEVER_QUIET_REMEDY = "Let the leg go heavy; the tone comes when it is quiet. Or go on anyway."
GO_ON_ANYWAY = "Go on anyway"
DURING_FAULT = "sensor fault during the lift"
MOVED = "Electrode moved"
MOVED_NOTED = "Noted that an electrode was moved: the full efforts before it no longer count."
SET_PAUSE = "Pause between sets"
SET_DONE = "{leg}: {count} {lifts} counted."
ENOUGH_TRIED = "{count} of {total} lifts counted ({tried} tried). More can be done, or go on."
MORE_LIFTS = "More lifts"
SO_FAR = "So far: {sentence}"
SO_FAR_LINE = "The result is worked out anew from the whole recording and may differ a little."
RECORD_AGAIN = "Record again"
CUED_SET = "Second set: squeeze first"
WITH_CUE = "{label}, buttock squeezed first"
LIVE_STOPPED = "The live display of lifts has stopped; the recording goes on and the report will be complete."

# ---------------------------------------------------------------- other side, report, after

OTHER_INSTRUCTION = "Other side: {leg}"
OTHER_MOVE = "Move the electrodes to the {side} leg."
OTHER_SAME = "The electrodes of the {side} leg are recorded already."
OTHER_SKIP = "Leave it out"
REPORT_WORKING = "Working it out…"
REPORT_TITLE = "Result"
REPORT_NONE = "No lifts were recorded, so there is no result."
REPORT_LIMITS = (
    "Research and training tool. Not a diagnosis.",
    "Order does not measure strength or show that a muscle is 'not working'.",
)
EXERCISES_INSTRUCTION = "General glute exercises, chosen by the clinician"
EXERCISES_LINES = (
    "Not prescribed by this result.",
    "No evidence was found that they change the firing order.",
)
EXERCISES_FIELD = "Chosen"
EXERCISES = (
    "single-leg bridge",
    "fire hydrant",
    "clams",
    "lateral walking squat with a band around the ankles",
    "plank with opposite arm and leg",
    "bird dog",
    "side plank with leg lift",
    "reverse plank",
    "donkey kicks",
    "lunges",
    "step-ups",
    "squats",
    "barbell squat",
    "dumbbell step-up",
    "bodyweight walking lunge",
    "dumbbell lunges",
    "dumbbell side lunge",
    "dumbbell squat thruster",
    "goblet squat",
    "glute stretch after long sitting or a run",
    "hip-flexor stretch after long sitting or a run",
)
FOLLOW_INSTRUCTION = "Earlier tests of {pseudonym}"
FOLLOW_LINES = ("Compare only the same hamstring, posture, cue and device.",)
FOLLOW_NONE = "This is the first test of {pseudonym}."
FOLLOW_CHANGE = "{leg}: {what}"
FOLLOW_FAILED = "Earlier tests cannot be compared: {reason}"
TO_THE_RESULT = "To the result"
REPLAYING = "Replay of {name}"
DONE = "Done"

# ---------------------------------------------------------------- sensors and faults

SENSOR_LIGHT = "{rate}loss {loss:.1%}{battery}{clock}"
LIGHT_LOST = "lost, reconnecting"
LOST = "{name} is lost."
LOST_REMEDY = "Bring it nearer and wait: it connects again by itself. The lift is not counted and can be repeated."
OFF = "The {muscle} electrode ({label}) seems to be off: there is only mains hum."
DEAD = "The {muscle} channel ({label}) shows no signal at all."
OFF_REMEDY = "Press the electrodes on, check the cable. Lifts meanwhile do not count."
BATTERY_LOW = "{name}: battery {percent} %."
BATTERY_REMEDY = "Charge it after this test; if it drops below 5 %, charge it now."
LOSING = "{name} loses samples ({text})."
LOSING_REMEDY = "Bring the computer nearer and take the body out of the line between both."
NOTE_REMEDY = ""
FAULT = "The test ended by a fault of the program ({reason})."
FAULT_REMEDY = "What was recorded is kept: finish it from the list below, or begin a new test."
RECORDING_ENDED = "The recording has stopped: {reason}"
RECORDING_ENDED_REMEDY = "What was recorded before is kept. Solve the cause, then go on: a new recording begins."
NOT_OFFERED = "this is not offered now"
GONE_ON = "The test has gone on meanwhile: press again if it is still wanted."


def muscle(label: str) -> str:
    """Return the plain name of the muscle that a channel's label names.

    Examples
    --------
    >>> muscle("GMAX_R"), muscle("ch1")
    ('glute', 'ch1')
    """
    code, _ = parse_label(label)
    return MUSCLES[code].plain if code in MUSCLES else display_text(label, 24)


def sensor_name(name: str, labels: Sequence[str]) -> str:
    """Return how a sensor is called in words: by its muscle where it is on one alone, else by its name.

    Examples
    --------
    >>> sensor_name("EMGO a", ["GMAX_R"]), sensor_name("EMGO board", ["GMAX_R", "BF_R"])
    ('The sensor on the glute', 'The sensor EMGO board')
    """
    return f"The sensor {sensor_place(name, labels)}"


def sensor_place(name: str, labels: Sequence[str]) -> str:
    """Return what tells a sensor from others: the muscle that it is on, else its name."""
    named = list(dict.fromkeys(muscle(label) for label in labels if label))
    return f"on the {named[0]}" if len(named) == 1 else display_text(name, 40)


def sentence(text: str) -> str:
    """Return a remark with a capital and a full stop."""
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?…" else ".")
