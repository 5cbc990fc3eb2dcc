"""Ways to write a small file and read it, with what was warned of."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emgorder.errors import EmgOrderWarning, RecordingError
from emgorder.io import read_recording
from emgorder.model import FloatArray, Recording

HEADER = "time_s,GMAX_R_uV,BF_R_uV"
N_ROWS = 60


@pytest.fixture(scope="session")
def samples_uV() -> FloatArray:
    """Return 60 samples of two muscles with three decimals."""
    return np.random.default_rng(1).normal(0, 40, size=(N_ROWS, 2)).round(3)


@pytest.fixture
def lines(samples_uV: FloatArray) -> list[str]:
    """Return a good file, line by line: lines[k] is row k + 1, samples at 1 kHz start in row 2."""
    return [HEADER, *(f"{i / 1000:.3f},{a},{b}" for i, (a, b) in enumerate(samples_uV))]


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a file (lines, text or bytes) and perhaps its sidecar."""

    def write(content: list[str] | str | bytes, *, name: str = "session.csv", sidecar: Any = None) -> Path:
        path = tmp_path / name
        text = "\n".join(content) + "\n" if isinstance(content, list) else content
        path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
        if sidecar is not None:
            path.with_suffix(".json").write_text(sidecar if isinstance(sidecar, str) else json.dumps(sidecar))
        return path

    return write


@pytest.fixture
def read(save: Callable[..., Path]) -> Callable[..., tuple[Recording, list[str]]]:
    """Return a function that writes a file and reads it: the recording and the texts of the warnings."""

    def write_and_read(
        content: list[str] | str | bytes, *, name: str = "session.csv", sidecar: Any = None, **options: Any
    ) -> tuple[Recording, list[str]]:
        path = save(content, name=name, sidecar=sidecar)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            recording = read_recording(path, **options)
        assert all(issubclass(w.category, EmgOrderWarning) for w in caught)
        texts = [str(w.message) for w in caught]
        assert set(texts) <= set(recording.notes), "every warning is kept in the notes"
        return recording, texts

    return write_and_read


@pytest.fixture
def refuse(save: Callable[..., Path]) -> Callable[..., RecordingError]:
    """Return a function that writes a file and returns the error that reading it raises."""

    def write_and_fail(
        content: list[str] | str | bytes, *, name: str = "session.csv", sidecar: Any = None, **options: Any
    ) -> RecordingError:
        path = save(content, name=name, sidecar=sidecar)
        with pytest.raises(RecordingError) as caught:
            read_recording(path, **options)
        assert caught.value.path == path
        return caught.value

    return write_and_fail
