"""The default method with networks that have seen nothing of the recording they are asked about."""

from __future__ import annotations

import runpy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from _accuracy.detectors import with_posterior
from _accuracy.readings import ReadingTask, find_reading
from emgorder.model import Onset

__all__ = ["find_out_of_fold", "out_of_fold", "why_not"]

MAPPING = Path(__file__).resolve().parents[2] / "training" / "folds.py"


def why_not(folder: Path | None) -> str:
    """Return why out-of-fold figures cannot be had, empty where they can."""
    if folder is None:
        return "no folder of networks was given (`--folds DIR`)"
    if find_spec("emgorder.onset.network") is None:
        return "the default method has no network"
    if not MAPPING.is_file():
        return "`training/folds.py` is not there"
    missing = [net for net in _nets() if not _weights(folder, net).is_file()]
    return f"{folder.name} lacks {', '.join(missing)}" if missing else ""


def find_out_of_fold(folder: Path, tasks: Sequence[ReadingTask]) -> list[dict[str, Onset]]:
    """Return the onset of each read burst by the methods with a posterior, each from the fold that holds it out."""
    held_out_net = runpy.run_path(str(MAPPING))["held_out_net"]
    found: list[dict[str, Onset]] = [{} for _ in tasks]
    for net in _nets():
        with _default_weights(_weights(folder, net)):
            for k, task in enumerate(tasks):
                if held_out_net(task.dataset) == net:
                    onsets = find_reading(task, tuple(with_posterior()))
                    found[k] = {out_of_fold(name): onset for name, onset in onsets.items()}
    return found


def out_of_fold(name: str) -> str:
    """Return how tables call a method whose network has not seen what it is asked about."""
    return f"{name}, out of fold"


def _nets() -> list[str]:
    return sorted(f"fold{number}" for number in set(runpy.run_path(str(MAPPING))["FOLD"].values()))


def _weights(folder: Path, net: str) -> Path:
    return folder / f"{net}.npz"


@contextmanager
def _default_weights(path: Path) -> Iterator[None]:
    """Let the package's network be the one of `path` for a while."""
    from emgorder.onset import network

    shipped = network.WEIGHTS_FILE
    network.WEIGHTS_FILE = str(path.resolve())  # joined to the package's folder an absolute path stays as it is
    network.load_network.cache_clear()
    try:
        yield
    finally:
        network.WEIGHTS_FILE = shipped
        network.load_network.cache_clear()
