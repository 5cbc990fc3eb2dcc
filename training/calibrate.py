"""Find the temperature and shift: ``EMGORDER_DATA=... python -m training.calibrate WEIGHTS``.

Two numbers for all readings, each scored with the net that has seen nothing of its data set. The best by log score
are written into ``emgorder/onset/network.py`` by hand, with their figures.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from emgorder.onset.network import load_network, network_posterior
from training.folds import NETS, held_out_net
from training.readings import Figures, Reading, figures_of, read_readings

__all__ = ["scan"]

TEMPERATURES = (0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.3, 1.6)
SHIFTS_S = (-0.004, -0.003, -0.002, -0.001, 0.0, 0.001, 0.002)


def scan(folder: Path, readings: Iterable[Reading]) -> dict[tuple[float, float], Figures]:
    """Return the held-out figures of each temperature and shift."""
    readings = list(readings)
    networks = {name: load_network(folder / f"{name}.npz") for name in NETS}
    onsets_s = [reading.onset_s for reading in readings]
    figures = {}
    for temperature in TEMPERATURES:
        unshifted = [
            network_posterior(
                reading.window(),
                reading.sampling_frequency,
                network=replace(networks[held_out_net(reading.dataset)], temperature=temperature, shift_s=0.0),
            ).visible
            for reading in readings
        ]
        for shift_s in SHIFTS_S:
            figures[temperature, shift_s] = figures_of([p.shifted(shift_s) for p in unshifted], onsets_s)
    return figures


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path, help="folder that training.train wrote")
    arguments = parser.parse_args()
    data = os.environ.get("EMGORDER_DATA")
    if not data:
        parser.error("set EMGORDER_DATA to the folder of real recordings")
    figures = scan(arguments.weights, read_readings(Path(data)))
    for temperature, shift_s in itertools.product(TEMPERATURES, SHIFTS_S):
        found = figures[temperature, shift_s]
        sys.stdout.write(
            f"temperature {temperature:4.2f}  shift {1e3 * shift_s:4.1f} ms  log score {found.log_score:.3f}  "
            f"median {found.median_error_ms:.1f}  MAE {found.capped_mae_ms:.1f}  "
            f"covers {found.coverage_90:.2f} / {found.coverage_50:.2f}  width {found.width_ms:.0f}\n"
        )


if __name__ == "__main__":
    main()
