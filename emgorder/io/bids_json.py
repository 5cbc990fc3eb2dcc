"""A sidecar as BIDS-EMG wants it, and back: keys of the standard on top, all others in one object of our own.

A value that the standard would not take stays in our object beside what stands for it on top, so nothing is lost; what
somebody changes on top afterwards counts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

__all__ = ["fold_sidecar", "unfold_sidecar"]

_OURS = "emgorder"
_TEXTS = (
    "TaskName",
    "TaskDescription",
    "Instructions",
    "InstitutionName",
    "InstitutionAddress",
    "InstitutionalDepartmentName",
    "Manufacturer",
    "ManufacturersModelName",
    "SoftwareVersions",
    "DeviceSerialNumber",
    "ElectrodeManufacturer",
    "ElectrodeManufacturersModelName",
    "ElectrodeMaterial",
    "ElectrodeType",
    "EMGGround",
    "EMGReference",
    "EMGPlacementSchemeDescription",
    "SkinPreparation",
    "SubjectArtefactDescription",
)
_SCHEMES = ("ChannelSpecific", "Measured", "Other")


def fold_sidecar(content: Mapping[str, Any], task: str, n_emg: int) -> dict[str, Any]:
    """Return the content of a sidecar as that of an ``_emg.json``; required keys that nobody filled in say ``n/a``.

    Parameters
    ----------
    content : mapping
        What :func:`emgorder.io.sidecar.sidecar_text` writes.
    task : str
        ``TaskName`` where the content has none.
    n_emg : int
        Number of channels that are EMG.

    Examples
    --------
    >>> folded = fold_sidecar({"SamplingFrequency": 1000.0, "EMGPlacementScheme": "SENIAM"}, "lift", 2)
    >>> folded["EMGPlacementScheme"], folded["EMGPlacementSchemeDescription"], folded["PowerLineFrequency"]
    ('Other', 'SENIAM', 'n/a')
    >>> unfold_sidecar(folded)
    {'SamplingFrequency': 1000.0, 'EMGPlacementScheme': 'SENIAM'}
    """
    top: dict[str, Any] = {"TaskName": task, "EMGReference": "n/a"}
    top |= {key: content[key] for key in _TEXTS if isinstance(content.get(key), str) and content[key].strip()}
    scheme = content.get("EMGPlacementScheme")
    top["EMGPlacementScheme"] = scheme if scheme in _SCHEMES else "Other"
    if top["EMGPlacementScheme"] == "Other":
        said = scheme if isinstance(scheme, str) and scheme.strip() and scheme != "Other" else "n/a"
        top.setdefault("EMGPlacementSchemeDescription", said)
    for key in ("SoftwareFilters", "HardwareFilters"):
        value = content.get(key)
        named = isinstance(value, Mapping) and bool(value) and all(isinstance(v, Mapping) for v in value.values())
        top[key] = value if named else "n/a"
    mains_Hz = content.get("PowerLineFrequency")
    top["PowerLineFrequency"] = mains_Hz if _positive(mains_Hz) else "n/a"
    top["RecordingType"] = "continuous"
    top |= {k: content[k] for k in ("SamplingFrequency", "RecordingDuration") if k in content}
    top["EMGChannelCount"] = n_emg
    if _positive(content.get("InterelectrodeDistance")):
        top["InterelectrodeDistance"] = content["InterelectrodeDistance"]
    own = {key: value for key, value in content.items() if key not in top or top[key] != value}
    filled = {key: value for key, value in top.items() if key not in content or content[key] != value}
    return {**top, _OURS: {"own": own, "filled": filled}}


def unfold_sidecar(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what :func:`fold_sidecar` was given; the JSON of other programs as it is."""
    ours = content.get(_OURS)
    own, filled = (ours.get(key) for key in ("own", "filled")) if isinstance(ours, Mapping) else (None, None)
    if not isinstance(own, Mapping) or not isinstance(filled, Mapping):
        return dict(content)
    top = {k: v for k, v in content.items() if k != _OURS and (k not in filled or filled[k] != v)}
    return top | {key: value for key, value in own.items() if key not in top}


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf
