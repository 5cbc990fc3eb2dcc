"""Time of a whole analysis beside NeuroKit2, BioSPPy and the bare cost of filtering, in one run.

    python benchmarks/speed.py --write

All figures are ratios of times measured in the same process, so that the machine matters little.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from _table import markdown, options, page, publish
from scipy import signal

import emgorder as eo

RATE_HZ = 1000.0
SEED = 20


def session(minutes: float) -> eo.Recording:
    """Return a simulated session of 2 x 1 kHz, a lift every 7 s."""
    n_lifts = max(1, int(minutes * 60 / 7))
    return eo.simulate_session(seed=SEED, n_lifts=n_lifts, rest_s=3.0, sampling_frequency=RATE_HZ)


def cut(recording: eo.Recording, minutes: float) -> eo.Recording:
    """Return the first minutes of a recording."""
    from dataclasses import replace

    n = int(minutes * 60 * recording.sampling_frequency)
    return replace(
        recording, data=recording.data[:n], events=recording.events[recording.events["onset"] < minutes * 60]
    )


def median_s(work: Callable[[], object], repeats: int) -> float:
    """Return the median time of `work`, after one run that is not counted."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def bare_filtering(data: np.ndarray) -> np.ndarray:
    """Band-pass, rectify, envelope: zero-phase, as most scripts do it."""
    band = signal.butter(4, [20, 450], "band", fs=RATE_HZ, output="sos")
    low = signal.butter(4, 6, fs=RATE_HZ, output="sos")
    return signal.sosfiltfilt(low, np.abs(signal.sosfiltfilt(band, data, axis=0)), axis=0)


def peers(data: np.ndarray) -> dict[str, Callable[[], object]]:
    """Return what NeuroKit2 and BioSPPy call a whole EMG analysis, on both channels."""
    import neurokit2
    from biosppy.signals import emg

    return {
        "NeuroKit2 `emg_process`": lambda: [neurokit2.emg_process(x, sampling_rate=int(RATE_HZ)) for x in data.T],
        "BioSPPy `emg.emg`": lambda: [emg.emg(x, sampling_rate=RATE_HZ, show=False) for x in data.T],
    }


def against_peers(minutes: float, repeats: int, *, with_peers: bool) -> str:
    """Return a table of whole analyses as multiples of the bare cost of filtering."""
    recording = cut(session(minutes + 0.5), minutes)
    data = recording.data
    work: dict[str, Callable[[], object]] = {
        "filtering alone (band-pass, rectify, envelope; zero-phase)": lambda: bare_filtering(data),
        "emgorder `analyse`, final result": lambda: eo.analyse(recording),
        "emgorder `SessionAnalyser`, live in blocks of 20 ms": lambda: live(recording),
    }
    if with_peers:
        work |= peers(data)
    times = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the peers' own
        for name, run in work.items():
            times[name] = median_s(run, repeats)
    bare = next(iter(times.values()))
    rows = [(name, t * 1e3, t / bare, minutes * 60 / t) for name, t in times.items()]
    n_lifts = len(eo.analyse(recording).lift_results)
    head = f"## {minutes:g} min of 2 x 1 kHz, {n_lifts} lifts"
    return head + "\n\n" + markdown(("work", "ms", "times filtering", "times real time"), rows)


def live(recording: eo.Recording) -> eo.SessionResult:
    """Run the live engine over a recording."""
    analyser = eo.SessionAnalyser(recording.channels, recording.sampling_frequency)
    for onset, kind in zip(recording.events["onset"], recording.events["trial_type"], strict=True):
        analyser.mark(onset, kind)
    for start in range(0, recording.n_samples, 20):
        analyser.push(recording.data[start : start + 20])
    return analyser.finish()


_ALONE = """
import resource, sys, time
sys.path.insert(0, {here!r})
import speed, emgorder as eo
recording = speed.session({minutes!r})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter(); eo.analyse(recording); took = time.perf_counter() - start
print(recording.duration_s / 60, took, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def growth(lengths_min: tuple[float, ...]) -> str:
    """Return time and added memory against length, each length in a process of its own."""
    rows = []
    here = str(Path(__file__).parent)
    for minutes in lengths_min:
        code = _ALONE.format(here=here, minutes=minutes)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        length, took, added = (float(x) for x in done.stdout.split())
        rows.append((f"{length:.1f}", took, took / length, added, added / length))
    header = ("min of 2 x 1 kHz", "s", "s a minute", "added MiB", "MiB a minute")
    return "## Time and memory grow with length alone\n\n" + markdown(header, rows)


def import_cost(repeats: int) -> str:
    """Return the time of `import emgorder` as a multiple of importing what it stands on."""

    def run(code: str) -> float:
        return median_s(lambda: subprocess.run([sys.executable, "-c", code], check=True), repeats)

    nothing = run("pass")
    base = run("import pandas, scipy.signal") - nothing
    ours = run("import emgorder") - nothing
    rows = [("import pandas, scipy.signal", base * 1e3, 1.0), ("import emgorder", ours * 1e3, ours / base)]
    return "## Import\n\n" + markdown(("import", "ms", "ratio"), rows)


def main() -> None:
    """Measure and print."""
    parser = options("Speed of a whole analysis beside its peers")
    parser.add_argument("--no-peers", action="store_true", help="without NeuroKit2 and BioSPPy")
    chosen = parser.parse_args()
    repeats = 3 if chosen.quick else 7
    sections = [against_peers(1.0, repeats, with_peers=not chosen.no_peers)]
    if not chosen.quick:
        sections.append(against_peers(10.0, 3, with_peers=not chosen.no_peers))
    sections += [growth((1.0, 5.0) if chosen.quick else (1.0, 5.0, 15.0, 30.0, 60.0)), import_cost(repeats)]
    packages = ("numpy", "scipy") if chosen.no_peers else ("numpy", "scipy", "neurokit2", "biosppy")
    publish(page("Speed", sections, packages=packages), "speed", write=chosen.write)


if __name__ == "__main__":
    main()
