"""Every text of the reports, in one place: to read over, to test for unkind words, and to translate.

Placeholders are those of :meth:`str.format`. Sentences are put together from these in
:mod:`emgorder.report.words` and :mod:`emgorder.report.methods`; nothing else of the report holds words.
"""

from __future__ import annotations

from types import MappingProxyType

from emgorder.model import Severity, Side, Verdict

# ---------------------------------------------------------------- muscles and sides

MUSCLE_WITH_HEAD = "{plain} ({name})"
HAMSTRING_UNNAMED = "hamstring (head not recorded)"
GLUTE = "glute"
HAMSTRING = "hamstring"

SIDE_LABELS: MappingProxyType[Side, str] = MappingProxyType({"R": "RIGHT", "L": "LEFT", "": ""})
SIDE_NAMES: MappingProxyType[Side, str] = MappingProxyType({"R": "Right leg", "L": "Left leg", "": "Leg"})
SIDE_ADVERBS: MappingProxyType[Side, str] = MappingProxyType({"R": " right", "L": " left", "": ""})

# ---------------------------------------------------------------- the verdict of a side

ORDERS: MappingProxyType[Verdict, str] = MappingProxyType(
    {
        "glute first": "glute first",
        "hamstring first": "hamstring first",
        "together": "together",
        "cannot tell": "cannot tell",
    }
)
FIRST_IN = "{order} in {count} of {total} lifts"
COUNT_OF = "{order} in {count} of {total}"
AND_COUNT = "{order} in {count}"
TOGETHER_LIKELY = "Together (within ±{rope} ms): very likely"
NOT_COUNTED_COUNT = "{count} not counted"
AVERAGE_LEAD = "Average lead {lead} ms [{low} to {high}]."
AVERAGE_EARLIER = "On average the {muscle} was {lead} ms earlier [{low} to {high}]."
AVERAGE_SAME = "On average neither muscle was earlier: 0 ms [{low} to {high}]."
MEDIAN_EARLIER = "In the median lift the {muscle} was {lead} ms earlier."
MEDIAN_SAME = "In the median lift neither muscle was earlier."
VERY_LIKELY: MappingProxyType[Verdict, str] = MappingProxyType(
    {
        "glute first": "Very likely glute-first.",
        "hamstring first": "Very likely hamstring-first.",
        "together": "",
        "cannot tell": "",
    }
)
SEEN_IN_HEALTHY: MappingProxyType[Verdict, str] = MappingProxyType(
    {
        "glute first": "Healthy people show this order too.",
        "hamstring first": "This is common in healthy people.",
        "together": "",
        "cannot tell": "",
    }
)
CANNOT_TELL = "cannot tell"
LEANING = "Leaning {order}."
BIBTEX_AUTHOR = "{The emgorder developers}"
BIBTEX_TITLE = "{emgorder}: onset order of muscles from surface {EMG}, with calibrated uncertainty"
ET_AL, BIBTEX_ET_AL = " et al.", " and others"
BIBTEX_AND = " and "
LIST = ", "
BIBTEX_SUMMARY = "To cite (BibTeX)"
CUE_TITLE = "With a cue: squeeze the buttock first"
CUE_HELP = (
    "One sentence of instruction moves the order by about 95 ms in published studies. This tells whether the order can "
    "be changed today, not whether it should be."
)
WITH_THE_CUE, WITHOUT_THE_CUE = "with the cue", "without it"
EARLIER_TITLE = "Earlier visits"
EXERCISES_TITLE = "General glute exercises"
EXERCISES_HELP = (
    "Chosen by the clinician, not prescribed by this result. No evidence was found that they change the firing order."
)
RASTER_SECTION = "Onsets of every lift"
RASTER_TITLE = "Every lift, aligned on its first onset: {leg}"
RASTER_DESCRIPTION = "A row a lift. Glute upwards, hamstring downwards; ticks are onsets, bars their 90 % intervals."
RASTER_GLUTE, RASTER_HAMSTRING = "▲ glute", "▼ hamstring"
RASTER_AXIS = "ms"
RASTER_UNCOUNTED = "not counted"
PLOT_DIFFERENCE = "onset difference, ms (glute minus hamstring)"
PLOT_TYPICAL = "typical"
LEAD_SHORT = "{lead} ms [{low} to {high}]"
LEAD_LONG = "{muscle} {lead} ms earlier on average [{low} to {high}]"
LEAD_NONE = "neither muscle earlier on average: 0 ms [{low} to {high}]"
LIFTS_VARY = "lifts vary too much"
NEAR_LIMIT = "too close to the ±{rope} ms that count as together"
MORE_LIFTS = "About {count} more {lifts} may settle it."
MORE_LIFTS_THAN_A_SESSION = "About {count} more lifts may settle it, more than one session holds."
LIFT_ONE, LIFT_MANY = "lift", "lifts"
NO_LIFTS = "No lifts were found."
NONE_COUNTED = "None of the {total} {lifts} could be counted."
TOO_FEW = "Only {count} of {total} {lifts} could be counted: at least {needed} are needed."
NO_PROBABILITY = "This onset method gives no probabilities, so how sure this is stays open."
FEW_LIFTS = "Only {count} {lifts} counted: a few more would make this firmer."
PROBABILITIES = "glute first {glute}, together {together}, hamstring first {hamstring}"
NO_SIDES = "No lifts were found, so there is no order to report."

# ---------------------------------------------------------------- more muscles than two

MUSCLE_OF_SIDE: MappingProxyType[Side, str] = MappingProxyType(
    {"R": "right {muscle}", "L": "left {muscle}", "": "{muscle}"}
)
THEN = ", then "
SEVERAL_LIKELY = "Order of all {count} muscles, however small the difference: {order}. Very likely ({share})."
SEVERAL_LEANING = "Order of all {count} muscles: cannot tell. Leaning {order} ({share})."
SEVERAL_OPEN = "Order of all {count} muscles: cannot tell. The likeliest of many is {order} ({share})."
SEVERAL_UNKNOWN = "Order of all muscles: cannot tell from these lifts."
SEVERAL_TITLE = "All muscles against each other"
SEVERAL_HELP = (
    "Typical difference of each pair over all lifts: onset of the first named minus onset of the second; negative "
    "means that the first named started first. “Together” is within ±{rope} ms; the order of all muscles counts any "
    "difference. Glute against hamstring stays the main result."
)
PAIR, PAIR_OF_SIDE = "{first} – {second}", "{side}  {pair}"
COLUMN_PAIR, COLUMN_LIFTS = "Muscles", "Lifts"
COLUMN_P_FIRST, COLUMN_P_SECOND = "P first named first", "P second named first"

# ---------------------------------------------------------------- one lift

LIFT = "Lift {number}"
LIFT_OF = "Lift {number}/{total}"
PART = " · "
MILLISECONDS = "{value} ms"
INTERVAL = "[{low} to {high}]"
NOT_CERTAIN = "not certain"
TOO_CLOSE = "too close to call"
NOT_COUNTED = "not counted: {reason}"
REASON_UNKNOWN = "reason not recorded"
PROVISIONAL = "provisional"

# ---------------------------------------------------------------- what it means, and what every report says

MEANING_TITLE = "What it means"
NOT_MEANING_TITLE = "What it does not mean"
MEANING: MappingProxyType[Verdict, str] = MappingProxyType(
    {
        "hamstring first": "{leg}: the hamstring started before the glute. In published studies of healthy adults "
        "the glute is usually the last to start, or late.",
        "glute first": "{leg}: the glute started before the hamstring. Studies see this order too, for example with "
        "the leg held outward.",
        "together": "{leg}: both muscles started within {rope} ms of each other, about as close as this measurement "
        "can see.",
        "cannot tell": "{leg}: these lifts do not settle which muscle starts first. That is a result, not a failure: "
        "in healthy people too the order changes from lift to lift.",
    }
)
MEANING_NO_PROBABILITY = "{leg}: the lifts are counted, but this onset method cannot say how sure the order is."
MEANING_NOT_POSSIBLE = "{leg}: this recording cannot answer which muscle starts first."
OTHER_TASK = "The published studies are about the prone leg lift; they do not carry over to other movements."
NOT_MEANING = "It does not say which muscle is stronger or worked harder, whether anything is wrong, or what to train."
SET_UP_MATTERS = (
    "Which hamstring is recorded and one sentence of instruction each move the difference by about 95 ms "
    "(Lewis & Sahrmann 2009): the number belongs to this set-up."
)
STRENGTH_PAGES = "Some pages read hamstring-first as a strength problem; published studies do not support that."
STANDING = (
    "Research and training tool. Not a diagnosis.",
    "Hamstring-first is common in healthy people.",
    "Order does not measure strength or show that a muscle is 'not working'.",
    "No agreed normal range. Timing uncertainty here: {uncertainty}.",
    "Compare only the same hamstring, posture, cue and device.",
)
UNCERTAINTY_OF_ONE = "±{value} ms"
UNCERTAINTY_OF_SIDE = "±{value} ms{side}"
UNCERTAINTY_UNKNOWN = "not known, because this onset method gives none"
UNCERTAINTY_NO_LIFTS = "not known, because no lift counted"
ACTIVITY_TITLE = "Which muscle worked harder?"
ACTIVITY_HELP = (
    "Activity level: size of the EMG in a lift as a share of a full effort (MVC) of the same muscle, typical lift with "
    "90 % interval. It tells how much a muscle was excited, not how much it can do, and nothing about which was first."
)
ACTIVITY_BLOCKED = "Can't say which muscle worked harder: {reason}"
ACTIVITY_LEVEL = "{muscle} at {percent} of its full effort [{low} to {high}]"
ACTIVITY_REFERRED = "{muscle} at {percent} of its reference contraction [{low} to {high}]"
ACTIVITY_MUSCLE_BLOCKED = "{muscle}: {reason}"
PERCENT = "{value} %"
RATIO_HIGHER = (
    "Very likely a higher activity level in the {higher} than in the {lower}: {ratio} times [{low} to {high}]."
)
RATIO_LEANING = (
    "Cannot tell which muscle had the higher activity level: {first} {ratio} times {second} [{low} to {high}]. "
    "Leaning {higher}."
)
RATIO_OPEN = "Cannot tell which muscle had the higher activity level: {first} {ratio} times {second} [{low} to {high}]."
PERCENT_INTERVAL = "{percent} [{low} to {high}]"
ACTIVITY_BARS_TITLE = "{leg}: activity level in % of full effort"
FULL_EFFORT = "full effort"

# ---------------------------------------------------------------- two sides, two instructions

RIGHT_SIDE, LEFT_SIDE = "right", "left"
CONTRAST = "{first} against {second}: {said}"
CONTRAST_ALIKE = "alike (within ±{rope} ms): very likely."
CONTRAST_CHANGE = "glute {change} by {size} ms relative to the hamstring [{low} to {high}]"
CONTRAST_NONE = "no difference on average: 0 ms [{low} to {high}]"
CONTRAST_LIKELY = "{change}. Very likely a difference."
CONTRAST_OPEN = "cannot tell, {change}."
CONTRAST_LEANING = " Leaning {change}."
CONTRAST_UNKNOWN = "cannot tell. {reason}"
CHANGES: MappingProxyType[str, str] = MappingProxyType({"larger": "later", "smaller": "earlier", "alike": "alike"})

# ---------------------------------------------------------------- quality, notes, exclusions

QUALITY_TITLE = "Signal quality"
QUALITY_GOOD = "Nothing to remark on the signals."
QUALITY_COUNTS: MappingProxyType[Severity, str] = MappingProxyType(
    {"stop": "{count} to fix first", "attention": "{count} to improve", "info": "{count} to know"}
)
SEVERITIES: MappingProxyType[Severity, str] = MappingProxyType(
    {"stop": "Stop", "attention": "Attention", "info": "Note"}
)
SEVERITY_MARKS: MappingProxyType[Severity, str] = MappingProxyType({"stop": "✕", "attention": "!", "info": "i"})
QUALITY_OK_MARK = "✓"
FINDING = "{channel}: {message}"
FINDING_ALSO = "; "
CHANNEL_ALSO = ", "
NOTES_TITLE = "Notes from reading and analysis"
EXCLUDED = "{count} of {total} {lifts} not counted: {reasons}."
EXCLUDED_REASON = "{reason} ({count})"
ALL_COUNTED, ONE_COUNTED = "All {total} lifts counted.", "The one lift counted."

# ---------------------------------------------------------------- the page

PAGE_TITLE = "{name} · firing order"
UNNAMED = "Recording without a name"
KIND_OF_PAGE = "Prone leg lift · firing order"
KIND_OF_PAGE_CYCLIC = "Repeated movement · firing order"
FACT_PERSON, FACT_DATE, FACT_DEVICE = "Person", "Date", "Device"
FACT_HAMSTRING, FACT_POSTURE, FACT_INSTRUCTION, FACT_PAIN = "Hamstring", "Posture", "Instruction", "Pain (0–10)"
FACT_CLOCK, FACT_RECORDING = "Clock", "Recording"
RECORDING_FACT = "{duration} s, {rate} Hz, {lifts} {lifts_word}"
CLOCK_FACT = "{method}, difference {offset} ms ± {sd} ms"
EVERY_LIFT_TITLE = "Every lift"
TRACES_TITLE = "Traces of every lift"
TRACES_HELP = (
    "Glute above hamstring, on one time axis. Faint: the band-passed signal. Line: its causal envelope, which rises "
    "a little after the onset. Upright tick: onset, with its 90 % interval as a bar. Height is the same for all lifts "
    "of a muscle; it cannot be compared between muscles."
)
TRACES_NONE = "The result holds no traces."
METHODS_TITLE = "Methods"
SETTINGS_TITLE = "Settings"
TABLE_CAPTION = (
    "Difference: glute onset minus hamstring onset; positive means hamstring first. Within ±{rope} ms is too close to "
    "call."
)
TABLE_PROBABILITIES = (
    "Probabilities and 90 % intervals come from the onset posteriors; “together” is within that limit."
)
TABLE_NO_PROBABILITIES = "This onset method gives neither probabilities nor intervals."
COLUMN_LIFT, COLUMN_RESULT, COLUMN_DIFFERENCE, COLUMN_INTERVAL = "Lift", "Result", "Difference, ms", "90 % interval"
COLUMN_P_GLUTE, COLUMN_P_TOGETHER, COLUMN_P_HAMSTRING = "P glute first", "P together", "P hamstring first"
COLUMN_GLUTE_ONSET, COLUMN_HAMSTRING_ONSET = "Glute onset, s", "Hamstring onset, s"
COLUMN_CHANNEL, COLUMN_MUSCLE, COLUMN_SNR, COLUMN_REST, COLUMN_ACTIVE = (
    "Channel",
    "Muscle",
    "Median SNR, dB",
    "Rest, RMS",
    "Burst, RMS",
)
SENSOR_COLUMNS = ("Sensor", "True rate, Hz", "Lost / repeated / damaged", "Clock, ms")
SENSOR_HELP = (
    "Rate as measured, with its distance from the nominal one. Lost samples; packets repeated or damaged. Clock: "
    "standard uncertainty of the sensor's own, or its difference from the first sensor's and how that is known."
)
SENSOR_RATE, SENSOR_CLOCK, SENSOR_OFFSET = "{rate} ({ppm} ppm)", "± {sd}", "{offset} ± {sd} ({method})"
FAULTS = " / "
NOTHING = "–"
UTC = "UTC"
FOOTER = "emgorder {version}"
AUTOMATIC = "automatic"

# ---------------------------------------------------------------- figures

AXIS_DIFFERENCE = "ms"
AXIS_FROM_ONSET = "ms from the first onset"
AXIS_FROM_CUE = "ms from the cue"
AXIS_FROM_START = "ms from the start of the window"
DIRECTION_GLUTE = "◀ glute first"
DIRECTION_HAMSTRING = "hamstring first ▶"
BAND_TOGETHER = "together"
LEAD = "{muscle} {lead} ms"
ROW_AVERAGE = "Average"
ROW_MEDIAN = "Median"
DOTS_TITLE = "{leg}: who fired first in each lift"
DOTS_DESCRIPTION = (
    "One row a lift: a mark at the difference with its 90 % interval; left of zero the glute was first (square), "
    "right of zero the hamstring (circle); the grey band within ±{rope} ms means together (ring). {sentence}"
)
BAR_TITLE = "{leg}: probability of each order"
TRACE_TITLE = "Traces of lift {number}"
TRACE_DESCRIPTION = "Glute above hamstring around the onsets. {line}"
ONSET_TITLE = "{muscle} onset at {time} s"
ONSET_TITLE_INTERVAL = "{muscle} onset at {time} s, 90 % interval {low} to {high} s"
GAP_TITLE = "Samples lost"
GAP = "lost"
CUE = "cue"
AMPLITUDE_RANGE = "±{value} {unit}"
VOLTS_IN_uV, ARBITRARY = "µV", "a.u."

# ---------------------------------------------------------------- the methods paragraph

METHODS_SIGNALS = "Surface EMG of {muscles} was recorded at {rate} Hz for {duration} s."
METHODS_NO_MUSCLES = "muscles that the recording does not name"
METHODS_FILTER = "All compared channels were filtered alike ({filter}, {band}; {notch})."
METHODS_FILTER_UNNAMED = "band-pass"
METHODS_BAND = "{highpass}–{lowpass} Hz"
METHODS_NO_LOWPASS = "{highpass} Hz; no low-pass, as the device's own filter ends the band"
AND = " and "
METHODS_NOTCH = "notches at {notch} Hz and its harmonics"
METHODS_NO_NOTCH = "no mains notch"
METHODS_CROSSTALK = "Cross-talk: {crosstalk}."
METHODS_NO_CROSSTALK = "No cross-talk was removed."
METHODS_ONSET_OWN = "Onsets: {title} (method “{name}” of emgorder)."
METHODS_ONSET = "Onsets: {title} (method “{name}”; {citation}{doi})."
DOI = ", doi:"
METHODS_OPTIONS = "Parameters: {options}."
METHODS_DEVIATIONS = "It differs from {deviations}."
METHODS_DIFFERENCE = (
    "The onset difference is glute minus hamstring, positive when the hamstring is first; differences within "
    "±{rope} ms count as together. That limit is of the size of the detection error and is not a clinical limit."
)
METHODS_CLOCK = "Clocks{side}: {method}, offset {offset} ms, standard uncertainty {sd} ms."
METHODS_CLOCK_UNKNOWN = "Clocks{side}: it is unknown how they agree."
METHODS_POOLING = (
    "Each lift gives a probability density of the difference, from both onset posteriors and the clock uncertainty. "
    "The lifts of a side are pooled in a hierarchical model (mean, between-lift SD, rare outlier lifts); errors that "
    "lifts share are added to the mean. Intervals are 90 % credible intervals. A verdict needs a probability of at "
    "least .90 and {needed} valid lifts; otherwise the result is “cannot tell”."
)
METHODS_NO_POSTERIOR = (
    "This onset method gives one time without a posterior: only counts and the median difference are reported, without "
    "probabilities, intervals or a verdict."
)
METHODS_SIDES = (
    "Two sides or instructions are compared through the densities of their typical differences, taken as independent "
    "and widened by the factor {ratio} by which errors of sides exceed what they state."
)
METHODS_FOLLOWUP = (
    "Visits are compared through their typical differences with {placement} ms (SD) more for each new placement of the "
    "electrodes; a change below {floor} ms or half its 90 % interval counts as measurement error."
)
METHODS_ACTIVITY = (
    "Activity levels: noise-corrected RMS from the first onset of either muscle (or a marked start "
    "of the movement) until both have fallen below half of "
    "their RMS in the first second (or the lift's window ends), as a share of the noise-corrected RMS of the highest "
    "500 ms of the full efforts (MVC), shortened by what a highest value owes to chance; geometric means over lifts, "
    "Student's t on the log scale, 90 % intervals with the spread of the full efforts."
)
METHODS_VERSION = "Analysed with emgorder {version}{libraries}."
METHODS_LIBRARIES = " ({names})"

# ---------------------------------------------------------------- follow-up

CHANGE = "Since {day}: {size} [{low} to {high}]: {judged}."
CHANGE_TOWARDS_GLUTE = "{size} ms towards glute first"
CHANGE_TOWARDS_HAMSTRING = "{size} ms towards hamstring first"
CHANGE_LARGER = "larger than measurement error"
CHANGE_SMALLER = "smaller than measurement error: treat as no change"
CHANGE_REFUSED = "Not compared with {day}: {reason}."
CHANGE_FIRST_OVER = "Over the whole time, since {day}: {size} [{low} to {high}]: {judged}."
CHANGE_ONLY_VISIT = "One visit so far: nothing to compare with."
CHANGE_NO_VISIT = "No visit so far."
ACTIVITY_CHANGE = (
    "Activity level of the {muscle} since {day}: {first} to {second} of MVC ({share} [{low} to {high}]): {judged}."
)
ACTIVITY_NOISE = "compatible with noise"
ACTIVITY_MORE = "more than usual between visits"
DAY_UNKNOWN = "an unknown day"
TREND_TITLE = "{side}: difference at each visit"
TREND_TITLE_BOTH = "Difference at each visit"
TREND_DESCRIPTION = (
    "A mark a visit at its average difference with its 90 % interval; above zero the hamstring was first, below zero "
    "the glute; the grey band within ±{rope} ms means together. Circles: right leg or unknown side; diamonds: left "
    "leg. A line joins visits that may be compared."
)
EARLIER_HELP = (
    "Measurement error: below {floor} ms or half the 90 % interval, which holds both visits' own uncertainty and "
    "±{replacement} ms for placing the electrodes anew (judged). No change is better or worse: there is no agreed "
    "normal range."
)
TREND_OF_SIDE = "{side}: {told}"
TREND_KEY = "● right leg   ◇ left leg"
TREND_UP, TREND_DOWN = "▲ hamstring first", "▼ glute first"
TREND_MARK = "{side}, {day}: {lead} [{low} to {high}]"
TREND_NONE = "No visit has an average with an interval, so there is nothing to draw."
TREND_PAGE_TITLE = "{name} · follow-up"
TREND_KIND_OF_PAGE = "Prone leg lift · follow-up"
TREND_FACT_VISITS, TREND_FACT_TIME = "Visits", "From – to"
TREND_SPAN = "{first} – {last}"
TREND_LEGEND = "Marks as in the picture: {marks}. A line joins visits that may be compared."
TREND_LEGEND_MARKS: MappingProxyType[Side, str] = MappingProxyType(
    {"R": "filled circle, right leg", "L": "open diamond, left leg", "": "filled circle"}
)
TREND_VISITS_TITLE = "Every visit"
TREND_SET_UPS_TITLE = "Set-ups"
TREND_SET_UP = "{number}: {what}."
TREND_FEEDBACK = "order shown after each lift"
TREND_MEASURED_HOW = (
    "Change: this visit minus the earlier one, with a 90 % interval that holds both sessions' own uncertainty and "
    "±{replacement} ms for placing the electrodes anew at each visit (judged: nobody has measured it). Below {floor} "
    "ms (computed for 8 lifts), or below half the interval, it is smaller than measurement error."
)
TREND_NO_BETTER = "A change of the order is neither better nor worse: there is no agreed normal range."
TREND_UNCERTAINTY = "at least ±{floor} ms between two visits"
COLUMN_DATE, COLUMN_SIDE, COLUMN_COUNTED, COLUMN_SET_UP, COLUMN_CHANGE = (
    "Date",
    "Side",
    "Lifts",
    "Set-up",
    "Since the last comparable visit",
)
COUNTED_OF = "{count} of {total}"

GIVE_TRENDS = "give a list of trends, one a side"
GIVE_EXERCISES = 'give a list of names, ["Bridge"] for one'
GIVE_BESIDE = "give emgorder.Beside(cued=..., exercises=...)"
