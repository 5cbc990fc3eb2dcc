"""Make the simulated sessions of this folder: CSV, sidecar, truth and the table in README.md.

    python datasets/make_datasets.py [FOLDER]

writes them to FOLDER, by default the folder of this script. The numbers follow from the seeds below; they change only
with ``emgorder.simulate.GENERATOR_VERSION``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from emgorder.io import write_recording
from emgorder.simulate import GENERATOR_VERSION, Artefacts, Baseline, MuscleRange, TwoSensors, simulate_session

HERE = Path(__file__).resolve().parent
TABLE_START, TABLE_END = "<!-- table: make_datasets.py -->\n", "<!-- end of table -->\n"

RESOLUTION_V = 1e-7
QUIET = Baseline(wander_dB=1.0, strays_per_s=0.1)
REAL = Baseline(wander_dB=2.0, strays_per_s=0.5)
FEW_ARTEFACTS = Artefacts(mains_ratio=0.3, drift_ratio=0.5, movement_ratio=1.0, resolution_V=RESOLUTION_V)
CLEAR_GLUTE = MuscleRange(snr_dB=(20.0, 24.0), ramp_s=(0.03, 0.06))
CLEAR_HAMSTRING = MuscleRange(snr_dB=(22.0, 28.0), ramp_s=(0.02, 0.05))
SLOW_GLUTE = MuscleRange(snr_dB=(12.0, 18.0), ramp_s=(0.06, 0.12))
WEAK = MuscleRange(snr_dB=(0.0, 1.0), ramp_s=(0.10, 0.20))

# Short holds and rests keep the files small; a real session follows the protocol.
COMMON: dict[str, Any] = {
    "n_lifts": 8,
    "rest_s": 0.0,
    "hold_s": (0.3, 0.5),
    "baseline_s": 3.0,
    "outlier_share": 0.0,
    "missing_share": 0.0,
    "lift_sd_s": 0.020,
    "glute": CLEAR_GLUTE,
    "hamstring": CLEAR_HAMSTRING,
    "baseline": QUIET,
    "artefacts": FEW_ARTEFACTS,
}


@dataclass(frozen=True, slots=True)
class Dataset:
    """One session: what it shows, what the analysis ought to say, and how it is made."""

    name: str
    what: str
    expected: str
    seed: int
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def scenario(self) -> str:
        """Scenario of the simulation."""
        return str(self.options.get("scenario", "straight_knee_lateral"))


DATASETS = (
    Dataset(
        "clean_glute_first",
        "Glute leads by 90 ms on average, clean signals, told to squeeze the buttock first.",
        "R: glute first",
        101,
        {"scenario": "glute_cued_lateral", "mean_difference_s": -0.090},
    ),
    Dataset(
        "clean_hamstring_first",
        "Hamstring leads by 90 ms on average, clean signals.",
        "R: hamstring first",
        102,
        {"mean_difference_s": 0.090},
    ),
    Dataset(
        "together",
        "Both muscles start together (SD 5 ms between lifts), steep and clean onsets.",
        "R: together",
        103,
        {
            "mean_difference_s": 0.0,
            "lift_sd_s": 0.005,
            "n_lifts": 10,
            "glute": replace(CLEAR_GLUTE, snr_dB=(26.0, 30.0), ramp_s=(0.005, 0.015)),
            "hamstring": replace(CLEAR_HAMSTRING, snr_dB=(26.0, 30.0), ramp_s=(0.005, 0.015)),
        },
    ),
    Dataset(
        "too_noisy",
        "Hamstring leads by 60 ms, but the EMG hardly exceeds the noise (0-1 dB); 500 Hz.",
        "R: cannot tell",
        104,
        {
            "mean_difference_s": 0.060,
            "lift_sd_s": 0.050,
            "sampling_frequency": 500.0,
            "glute": WEAK,
            "hamstring": WEAK,
            "baseline": REAL,
        },
    ),
    Dataset(
        "crosstalk",
        "Hamstring leads by 100 ms and 12 % of its EMG reach the glute's electrodes.",
        "R: hamstring first",
        105,
        {"mean_difference_s": 0.100, "crosstalk": (0.12, 0.0), "glute": SLOW_GLUTE},
    ),
    Dataset(
        "ecg_mains",
        "Hamstring leads by 100 ms under heart beats (peak 5 x) and mains hum (RMS 2 x the baseline RMS).",
        "R: hamstring first",
        106,
        {
            "mean_difference_s": 0.100,
            "artefacts": replace(FEW_ARTEFACTS, ecg_ratio=5.0, mains_ratio=2.0),
            "baseline": REAL,
        },
    ),
    Dataset(
        "rate_200Hz",
        "Hamstring leads by 100 ms, sampled at 200 Hz only.",
        "R: hamstring first",
        107,
        {"mean_difference_s": 0.100, "sampling_frequency": 200.0, "n_lifts": 10},
    ),
    Dataset(
        "packet_loss",
        "Hamstring leads by 100 ms, 1.5 % of the packets are lost, once around an onset; 500 Hz.",
        "R: hamstring first",
        113,
        {
            "mean_difference_s": 0.100,
            "n_lifts": 10,
            "sampling_frequency": 500.0,
            "artefacts": replace(FEW_ARTEFACTS, lost_share=0.015, packet_s=0.040),
        },
    ),
    Dataset(
        "two_sides",
        "Hamstring leads by 110 ms on the right, glute by 80 ms on the left; 500 Hz.",
        "R: hamstring first; L: glute first",
        109,
        {
            "mean_difference_s": {"R": 0.110, "L": -0.080},
            "sides": ("R", "L"),
            "n_lifts": 6,
            "sampling_frequency": 500.0,
        },
    ),
    Dataset(
        "two_sensors",
        "Hamstring leads by 100 ms; a sensor each, taps; the glute's clock is 18 ms ahead, known to 4 ms; 500 Hz.",
        "R: hamstring first",
        110,
        {
            "mean_difference_s": 0.100,
            "sampling_frequency": 500.0,
            "sensors": TwoSensors(offset_s=0.018, known_offset_s=0.015, sd_s=0.004),
            "extras": ("tap",),
        },
    ),
)


def make(dataset: Dataset, folder: Path) -> None:
    """Write one session: ``<name>.csv``, ``<name>.json`` and ``<name>_truth.csv``.

    The sidecar is that of a measured session: the truth stands in its own file.
    """
    recording = simulate_session(seed=dataset.seed, **{**COMMON, **dataset.options})
    if recording.truth is None:
        raise TypeError("a simulated session has a truth")
    write_recording(replace(recording, name=dataset.name, truth=None), folder / f"{dataset.name}.csv")
    recording.truth.round(6).to_csv(folder / f"{dataset.name}_truth.csv", index=False, lineterminator="\n")


def table() -> str:
    """Return the table of README.md."""
    rows = [
        "| session | what | scenario | seed | expected verdict |",
        "| --- | --- | --- | --- | --- |",
        *(f"| [`{d.name}`]({d.name}.csv) | {d.what} | `{d.scenario}` | {d.seed} | {d.expected} |" for d in DATASETS),
        "",
        f"Generator version {GENERATOR_VERSION}.",
    ]
    return "\n".join(rows) + "\n"


def with_table(text: str) -> str:
    """Return the text of README.md with the current table in it."""
    before, _, rest = text.partition(TABLE_START)
    _, _, after = rest.partition(TABLE_END)
    return before + TABLE_START + table() + TABLE_END + after


def main(folder: Path) -> None:
    """Write every session and, in the folder of this script, the table."""
    folder.mkdir(parents=True, exist_ok=True)
    for dataset in DATASETS:
        make(dataset, folder)
        print(dataset.name)
    if folder.resolve() == HERE:
        readme = HERE / "README.md"
        readme.write_text(with_table(readme.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
