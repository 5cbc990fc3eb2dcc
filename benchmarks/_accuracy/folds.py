"""The default method with networks that have seen nothing of the recording they are asked about."""

from __future__ import annotations

import runpy
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from _accuracy.readings import ReadingTask, find_reading
from emgorder.model import Onset
from emgorder.onset.network import load_network
from emgorder.onset.posterior import detect_posteriors
from emgorder.onset.registry import DEFAULT_METHOD, OnsetMethod, find_method

__all__ = ["OUT_OF_FOLD", "find_out_of_fold", "why_not"]

OUT_OF_FOLD = f"{DEFAULT_METHOD}, out of fold"
MAPPING = Path(__file__).resolve().parents[2] / "training" / "folds.py"


def why_not(folder: Path | None) -> str:
    """Return why out-of-fold figures cannot be had, empty where they can."""
    if folder is None:
        return "no folder of networks was given (`--folds DIR`)"
    if not MAPPING.is_file():
        return "`training/folds.py` is not there"
    missing = [path.name for path in _held_out_nets(folder).values() if not path.is_file()]
    return f"{folder.name} lacks {', '.join(sorted(set(missing)))}" if missing else ""


def find_out_of_fold(folder: Path, tasks: Sequence[ReadingTask]) -> list[dict[str, Onset]]:
    """Return the onset of each read burst by the default method with the network that was trained without its set.

    Empty for sets that no network is trained on.

    Parameters
    ----------
    folder : Path
        Of the networks, ``fold0.npz`` and so on, as ``training/`` writes them.
    tasks : sequence of ReadingTask
        The bursts.
    """
    methods = {dataset: _with_network(path) for dataset, path in _held_out_nets(folder).items()}
    own = [{OUT_OF_FOLD: methods[task.dataset]} if task.dataset in methods else {} for task in tasks]
    return [find_reading(task, method) for task, method in zip(tasks, own, strict=True)]


def _held_out_nets(folder: Path) -> dict[str, Path]:
    """Return the network for each set of recordings that has not seen it."""
    mapping = runpy.run_path(str(MAPPING))
    return {dataset: folder / f"{mapping['held_out_net'](dataset)}.npz" for dataset in mapping["FOLD"]}


def _with_network(path: Path) -> OnsetMethod:
    return replace(find_method(DEFAULT_METHOD), detect_many=partial(detect_posteriors, network=load_network(path)))
