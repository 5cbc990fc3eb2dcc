"""The app while a test runs: from the sample to the page, processor time, updates a second, memory over an hour.

    python benchmarks/live.py --write

The app runs as it does for a physio: simulated sensors on the machine's own clock, recorded, analysed and served to a
page in Chromium, both on this machine. Rests are short, so that there are many lifts; nothing else is changed. The
moment of the sample that completed a muscle's alarm comes from the clock fit of the sensor's link, to which the
link's constant latency is added; the moment on the page is when the lift's card says that it was seen.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from _table import markdown, options, page, publish

SEED = 108
BOARD, PAIR = ("emgo1-board",), ("emgo1-a", "emgo1-b")
LATENCY_S = {BOARD: 0.004, PAIR: 0.0065}  # of the simulated links, mean of both
MARK_MS, MARK_UPDATES = 150, 30
_WATCH = """
() => {
  window.seen = [];
  const look = () => {
    for (const match of document.body.innerText.matchAll(/Lift \\d+\\/\\d+ · seen/g)) {
      const last = window.seen[window.seen.length - 1];
      if (!last || last.text !== match[0] || last.gone) window.seen.push({text: match[0], at: Date.now(), gone: false});
      return;
    }
    if (window.seen.length) window.seen[window.seen.length - 1].gone = true;
  };
  new MutationObserver(look).observe(document.body, {subtree: true, childList: true, characterData: true});
}
"""


def child(folder: str, sensors: tuple[str, ...], n_lifts: int) -> None:
    """Run the app and press its buttons; print a line of JSON for the address, each alarm and the end."""
    from emgorder.app.serve import find_place, serve
    from emgorder.guided import GuidedTest, lifting

    lifting.QUIET_S, lifting.FOREPERIOD_S = 0.5, (0.3, 0.8)  # type: ignore[misc]
    guided = GuidedTest(folder, simulate=True, seed=SEED)

    def say(**what: Any) -> None:
        sys.stdout.write(json.dumps(what) + "\n")
        sys.stdout.flush()

    async def press() -> None:
        answered, watched = -1, None
        while True:
            await asyncio.sleep(0.02)
            course = guided._course
            if course is not None and course.part is not None and course.part is not watched:
                watched = course.part
                watched.engine.listeners.append(_teller(watched, say))
            screen = guided.screen
            if screen.number == answered or not screen.buttons:
                continue
            answered = screen.number
            do = _choice(screen, n_lifts)
            if do == "over":
                return
            if do:
                guided.do(do, _values(screen, sensors), step=screen.step)

    async def work() -> None:
        stop = asyncio.Event()
        begun, cpu = time.monotonic(), sum(os.times()[:2])
        serving = asyncio.create_task(
            serve(guided, find_place(port=0), stop=stop, say=lambda address: say(address=address))
        )
        await asyncio.to_thread(sys.stdin.readline)  # the page is open
        begun, cpu = time.monotonic(), sum(os.times()[:2])
        await press()
        seconds = time.monotonic() - begun
        say(seconds=seconds, cpu_s=sum(os.times()[:2]) - cpu)
        stop.set()
        await serving

    asyncio.run(work())


def _teller(part: Any, say: Any) -> Any:
    from emgorder.analysis import LiftStarted

    def tell(event: Any) -> None:
        if isinstance(event, LiftStarted):
            host_s = part._rows.host_s(event.alarm_s + part.engine.origin_s)
            say(alarm=time.time() - (time.monotonic() - host_s))

    return tell


def _choice(screen: Any, n_lifts: int) -> str:
    offered = [button.do for button in screen.buttons]
    if screen.step in ("contact", "practice") and "skip" in offered:
        return "skip"
    if screen.step == "lifts" and "more" in offered:
        return "more" if len(screen.cards) < n_lifts else "over"
    primary = [button.do for button in screen.buttons if button.role == "primary"]
    return primary[0] if primary and primary[0] != "mark" else ""


def _values(screen: Any, sensors: tuple[str, ...]) -> dict[str, Any]:
    values = {field.name: field.value for field in screen.fields}
    if screen.step == "new":
        values |= {"fit": True, "both": False, "n_lifts": 10}
    if "sensors" in values:
        values["sensors"] = list(sensors)
    return values


@contextmanager
def opened_page(address: str) -> Iterator[tuple[Any, list[float]]]:
    """Open the app in Chromium; yield the page, and the times at which new columns of the strips came."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    traces: list[float] = []

    def count(frame: str | bytes) -> None:
        if isinstance(frame, str) and '"traces"' in frame[:40]:
            traces.append(time.monotonic())

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": 1280, "height": 800})
        shown.on("websocket", lambda socket: socket.on("framereceived", count))
        shown.goto(address)
        shown.evaluate(_WATCH)
        yield shown, traces
        browser.close()


def measure(sensors: tuple[str, ...], n_lifts: int) -> dict[str, float]:
    """Run one test and return what was measured."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--child", folder, ",".join(sensors), str(n_lifts)]
        app = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert app.stdin is not None
        assert app.stdout is not None
        address = json.loads(app.stdout.readline())["address"]
        alarms: list[float] = []
        with opened_page(address) as (shown, traces):
            app.stdin.write("\n")
            app.stdin.flush()
            end: dict[str, float] = {}
            import threading

            def read() -> None:
                for line in app.stdout or ():
                    told = json.loads(line)
                    if "alarm" in told:
                        alarms.append(told["alarm"])
                    else:
                        end.update(told)
                        return

            reader = threading.Thread(target=read)
            reader.start()
            while reader.is_alive():
                shown.wait_for_timeout(200)
            reader.join()
            seen = [entry["at"] / 1e3 for entry in shown.evaluate("() => window.seen")]
        app.stdin.close()
        app.wait(30)
        app.stdout.close()
    late_ms = sorted(1e3 * (_after(alarm, seen) - alarm + LATENCY_S[sensors]) for alarm in alarms)
    spans = np.diff(traces)
    return {
        "lifts": len(alarms),
        "median": float(np.median(late_ms)),
        "p99": float(np.quantile(late_ms, 0.99)),
        "longest": late_ms[-1],
        "updates": 1 / float(np.median(spans)),
        "cpu": end["cpu_s"] / end["seconds"],
    }


def _after(alarm_s: float, seen_s: list[float]) -> float:
    """Return when the page showed an alarm; a second and a half where it never did."""
    return next((at for at in seen_s if -0.05 < at - alarm_s < 1.5), alarm_s + 1.5)


def hour(seconds: float) -> tuple[list[tuple[float, float]], float]:
    """Record in virtual time with the live engine; return memory (MB) every sixth, and seconds it took."""
    from emgorder.acquisition.clocks import FastClock
    from emgorder.acquisition.table import simulated_table
    from emgorder.analysis import Settings
    from emgorder.guided.part import Part

    clock = FastClock()
    table = simulated_table(SEED, clock=clock)
    found: list[tuple[float, float]] = []

    async def run(folder: str) -> None:
        chosen = [s for s in await table.transport.discover(0.2) if s.id == BOARD[0]]
        part = Part(
            table, chosen, {BOARD[0]: ("GMAX_R", "BF_R")}, Path(folder) / "x.emgj", meta={}, emit=lambda t: None
        )
        await part.start()
        await clock.sleep(10.0)
        part.engine.begin(Settings())
        begun = clock.now()
        for sixth in range(7):
            while clock.now() - begun < sixth * seconds / 6:
                part.mark("cue/R")
                await clock.sleep(15.0)
            found.append((clock.now() - begun, resident_MB()))
        await part.stop()

    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(folder))
    return found, time.perf_counter() - started


def resident_MB() -> float:
    """Return the memory of this process, NaN where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6
    except OSError:
        return float("nan")


def main() -> None:
    """Run the benchmark."""
    chosen = options(__doc__ or "").parse_args()
    n_board, n_pair, seconds = (5, 5, 60.0) if chosen.quick else (40, 40, 3600.0)
    rows = []
    for name, sensors, n in (
        ("a board, 2 × 1 kHz", BOARD, n_board),
        ("two sensors, 1 kHz each", PAIR, n_pair),
    ):
        got = measure(sensors, n)
        rows.append(
            (
                name,
                got["lifts"],
                f"{got['median']:.0f}",
                f"{got['p99']:.0f} (mark {MARK_MS})",
                f"{got['longest']:.0f}",
                f"{got['updates']:.0f} (mark {MARK_UPDATES})",
                f"{100 * got['cpu']:.0f} %",
            )
        )
    header = ("sensors", "lifts", "median, ms", "99 %, ms", "longest, ms", "updates a second", "processor")
    memory, took = hour(seconds)
    sections = [
        "From the sample that completes the first muscle's alarm to the card on the page. Of this, a packet of 20 ms, "
        "its connection event (15 ms) and the live stage's hop of 25 ms are waiting; two sensors wait for each other "
        "in blocks of 0.02 s. The processor time is that of the app, simulated sensors included, in shares of one "
        "core.",
        markdown(header, rows),
        f"## Memory over {seconds / 60:.0f} min of sensor time\n\nA board of four channels, two of them named, with a "
        f"lift every 15 s, recorded and analysed live in virtual time ({took:.0f} s).",
        markdown(("minute", "memory, MB"), [(f"{s / 60:.0f}", f"{mb:.0f}") for s, mb in memory]),
    ]
    publish(page("The app while a test runs", sections), "live", write=chosen.write)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], tuple(sys.argv[3].split(",")), int(sys.argv[4]))
    else:
        main()
