"""The app from the command line: what it refuses, and that Ctrl-C ends it politely."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from importlib import metadata
from pathlib import Path

import pytest

from emgorder.cli import main
from tests.app.tiny import TinyGuide

ROOT = Path(__file__).resolve().parents[2]
WINDOWS = sys.platform == "win32"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--speed", "4"], "--speed: needs --simulate or --replay"),
        (["--simulate", "--speed", "0"], "--speed: 0"),
        (["--simulate", "--speed", "nan"], "--speed: nan"),
        (["--simulate", "--speed", "1000"], "--speed: 1000"),
        (["--seed", "3"], "--seed: needs --simulate"),
        (["--replay", "no-such-file.csv"], "no-such-file.csv: is not there"),
        (["--replay", "no-such-file.csv", "--simulate"], "--replay: shows a recording"),
        (["--port", "70000"], "--port: 70000 is no port"),
        (["--host", "192.168.1.20"], "--host: '192.168.1.20' can be reached from a network, so it needs a token"),
        (["--host", "0.0.0.0", "--token", "auto"], "--host: '0.0.0.0' would listen to every network"),
        (["--token", "short"], "--token: has 5 characters"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_served(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["app", "--no-browser", "--sessions", str(tmp_path), *arguments]) == 2
    written = capsys.readouterr()
    assert words in written.err
    assert written.out == ""


def test_a_file_is_no_folder_of_tests(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["app", "--no-browser", "--sessions", str(tmp_path / "file")]) == 2
    assert "--sessions" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["starlette", "uvicorn", "websockets", "platformdirs", "uplot-python"])
def test_a_missing_extra_is_named_with_its_install_line(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def distribution(name: str) -> metadata.Distribution:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr("emgorder.cli.app._guide", lambda options, folder: TinyGuide())
    if missing == "uplot-python":
        monkeypatch.setattr("emgorder.app.assets.metadata.distribution", distribution)
    else:
        for module in [name for name in sys.modules if name.partition(".")[0] == missing]:
            monkeypatch.setitem(sys.modules, module, None)
        monkeypatch.setitem(sys.modules, missing, None)
    sessions = [] if missing == "platformdirs" else ["--sessions", str(tmp_path)]
    assert main(["app", "--no-browser", "--port", "0", *sessions]) == 2
    assert f'{missing} is not installed. Install it with: pip install "emgorder[app]"' in capsys.readouterr().err


def test_a_fault_of_the_test_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken(TinyGuide):
        async def run(self) -> None:
            raise ZeroDivisionError("a fault")

    monkeypatch.setattr("emgorder.cli.app._guide", lambda options, folder: Broken())
    assert main(["app", "--no-browser", "--port", "0", "--sessions", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert f"ZeroDivisionError: a fault). What was recorded is kept in {tmp_path}" in told


@pytest.mark.skipif(WINDOWS, reason="sends the signal of Ctrl-C")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_app_politely(number: signal.Signals, tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "import emgorder.cli.app\n"
        "from emgorder.cli import main\n"
        "from tests.app.tiny import TinyGuide\n"
        "guide = TinyGuide()\n"
        "emgorder.cli.app._guide = lambda options, folder: guide\n"
        "code = main(sys.argv[1:])\n"
        "print('kept' if guide.kept else 'lost')\n"
        "sys.exit(code)\n"
    )
    folder = tmp_path / "tests of today"
    command = [sys.executable, "-W", "error", "-c", script, "app", "--no-browser", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [*command, "--sessions", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=tmp_path,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            address = line.removeprefix("The page: ").strip()
            with urllib.request.urlopen(address, timeout=20.0) as answer:
                assert answer.headers["content-type"] == "text/html; charset=utf-8"
            process.send_signal(number)
            out, err = process.communicate(timeout=60.0)
        finally:
            process.kill()
    assert (process.returncode, out) == (0, "kept\n")
    assert str(folder) in err
    assert "Traceback" not in err
    assert folder.stat().st_mode & 0o077 == 0
