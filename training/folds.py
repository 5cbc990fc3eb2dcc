"""Which recordings a net may learn from, so that its figures on the others are honest."""

from __future__ import annotations

__all__ = ["FOLD", "NETS", "held_out_net", "may_learn_from"]

FOLD = {
    "biosignalsnotebooks": 0,
    "biosppy_examples": 1,
    "bmc_gait_emg": 0,
    "emggo_ta_250hz": 1,
    "lift12kg_8ch": 0,
    "musclesynergies_walking": 1,
    "myo_armband_aljaz": 0,
    "uci_gestures_myo": 1,
    "uci_lower_limb": 1,
}
"""The fold each set of recordings is held out from: net ``fold0`` has seen nothing of those with 0."""

NETS = ("fold0", "fold1", "all")
"""``all`` is the one that is shipped; the others only tell how good it is on recordings it has not seen."""


def may_learn_from(net: str, dataset: str) -> bool:
    """Tell whether `net` is trained on segments of `dataset`.

    Examples
    --------
    >>> [may_learn_from(net, "uci_lower_limb") for net in NETS]
    [True, False, True]
    """
    return net == "all" or net != held_out_net(dataset)


def held_out_net(dataset: str) -> str:
    """Return the net that has seen nothing of `dataset`."""
    return f"fold{FOLD[dataset]}"
