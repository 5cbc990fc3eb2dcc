"""The examples run as their readers would run them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def test_analyse_session_prints_the_tables_and_writes_the_report(tmp_path: Path) -> None:
    script = EXAMPLES / "analyse_session.py"
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "n_hamstring_first" in done.stdout
    assert {p.name for p in tmp_path.iterdir()} == {
        "clean_hamstring_first_lifts.csv",
        "clean_hamstring_first_report.html",
    }
    assert len(script.read_text(encoding="utf-8").splitlines()) <= 20
