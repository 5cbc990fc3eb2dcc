"""Public recordings by name: from a folder that is there, or from their publisher."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from emgorder.errors import RecordingError, SettingsError
from emgorder.io import read_recording
from emgorder.io.headers import PER_VOLT
from emgorder.model import Recording
from emgorder.study.catalogue import Dataset, catalogue
from emgorder.study.fetching import default_cache, fetch, find_fetched

__all__ = ["DATA_VARIABLE", "Dataset", "dataset_folder", "datasets", "load_dataset"]

DATA_VARIABLE = "EMGORDER_DATA"
"""Environment variable that names a folder with a folder a data set."""


def datasets() -> dict[str, Dataset]:
    """Return every public data set that this package knows, by name; nothing is read or fetched.

    Returns
    -------
    dict of str to Dataset
        ``print(dataset)`` tells what was recorded, licence, citation and origin.

    Examples
    --------
    >>> import emgorder as eo
    >>> print(eo.datasets()["emggo_ta_250hz"])
    emggo_ta_250hz: 56 ballistic contractions of tibialis anterior, with a drifting baseline
      ta.csv: 549.7 s at 250 Hz, 1 channel (TA)
    Licence: MIT. May be passed on and changed with the licence notice.
    Cite: Usman Rashid (2019), emgGO: samples/Sample Data.mat, https://github.com/GallVp/emgGO
    Origin: fetched from https://github.com/GallVp/emgGO
    """
    return catalogue()


def load_dataset(
    name: str | Dataset,
    file: str | None = None,
    *,
    muscles: Mapping[str, str] | None = None,
    cache: str | Path | None = None,
) -> Recording:
    """Return a recording of a public data set.

    It is read from the folder that the environment variable ``EMGORDER_DATA`` names, where that has it; else it is
    fetched from its publisher, once, converted, checked and kept in the cache. When it arrives, licence and citation
    are written to the error stream; they are also in ``Recording.meta``.

    Parameters
    ----------
    name : str or Dataset
        Key of :func:`datasets`, or one of its values.
    file : str, optional
        Which recording; needed where the data set has several.
    muscles : mapping of str to str, optional
        As in :func:`emgorder.read_recording`; default: what is known of the data set.
    cache : str or Path, optional
        Folder to keep fetched data sets in; default: the user's folder for caches.

    Returns
    -------
    Recording
        In volts where the unit is sure, else in arbitrary units. ``meta`` has ``Dataset``, ``License`` and
        ``HowToAcknowledge``.

    Raises
    ------
    SettingsError
        There is no such data set or file; the message lists what there is.
    RecordingError
        The data are not there and cannot be fetched, came damaged, or are not what they should be; nothing is kept
        then. Without network the message says what to do.
    MissingExtraError
        Fetching needs the extra ``study``.

    Warns
    -----
    EmgOrderWarning
        As in :func:`emgorder.read_recording`.

    Examples
    --------
    Who fires first in walking? ::

        walk = eo.load_dataset("musclesynergies_walking")
        print(eo.analyse(walk, eo.Settings(task="cyclic")).summary)

    >>> load_dataset("nowhere")
    Traceback (most recent call last):
    emgorder.errors.SettingsError: name: 'nowhere' is no data set: there are biosignalsnotebooks, ...
    """
    dataset = _known(name)
    names = [f.name for f in dataset.files]
    if file is None and len(names) > 1:
        raise SettingsError(f"{dataset.name} has several recordings: give one of {', '.join(names)}", key="file")
    if file is not None and file not in names:
        raise SettingsError(f"{file!r} is not in {dataset.name}: there are {', '.join(names)}", key="file")
    wanted = file or names[0]
    path = dataset_folder(dataset, cache=cache) / wanted
    recording = read_recording(path, muscles=dict(dataset.muscles) or None if muscles is None else muscles)
    about = {"Dataset": dataset.name, "License": dataset.licence, "HowToAcknowledge": dataset.citation}
    return replace(_scaled(recording, dataset.scaled), meta={**recording.meta, **about})


def dataset_folder(name: str | Dataset, *, cache: str | Path | None = None) -> Path:
    """Return the folder of a data set, fetched if need be; errors as in :func:`load_dataset`.

    Examples
    --------
    >>> dataset_folder("nowhere")
    Traceback (most recent call last):
    emgorder.errors.SettingsError: name: 'nowhere' is no data set: there are biosignalsnotebooks, ...
    """
    dataset = _known(name)
    if (named := os.environ.get(DATA_VARIABLE, "")) and not Path(named).is_dir():
        raise RecordingError(f"is no folder: correct {DATA_VARIABLE}, or unset it to fetch from publishers", path=named)
    if named and all((Path(named) / dataset.name / f.name).is_file() for f in dataset.files):
        return Path(named) / dataset.name
    if not dataset.fetched:
        raise RecordingError(f"the data set {dataset.name} is not here and not fetched: {dataset.why_not_fetched}")
    kept = default_cache() if cache is None else Path(cache)
    return find_fetched(dataset, kept) or fetch(dataset, kept)


def _known(name: str | Dataset) -> Dataset:
    if isinstance(name, Dataset):
        return name
    known = catalogue()
    if not isinstance(name, str) or name not in known:
        raise SettingsError(f"{name!r:.60} is no data set: there are {', '.join(known)}", key="name")
    return known[name]


def _scaled(recording: Recording, units: Mapping[str, str]) -> Recording:
    """Return the recording with the columns whose unit is sure in volts."""
    if not units:
        return recording
    divisors = np.array([PER_VOLT[units[c.label]] if c.label in units else 1.0 for c in recording.channels])
    channels = tuple(
        replace(c, unit="V", display_unit=units[c.label]) if c.label in units else c for c in recording.channels
    )
    return replace(recording, data=recording.data / divisors, channels=channels)
