"""Recordings into a BIDS-EMG dataset that other laboratories can read. Usage: bids_export.py [DATASET] [FILE ...]."""

import sys
from pathlib import Path

import emgorder as eo

DATASETS = Path(__file__).resolve().parents[1] / "datasets"
root = Path(sys.argv[1] if len(sys.argv) > 1 else "bids")
files = [Path(name) for name in sys.argv[2:]] or [DATASETS / "clean_glute_first.csv", DATASETS / "two_sides.csv"]

for number, path in enumerate(files, 1):
    written = eo.write_bids(eo.read_recording(path), root, subject=f"{number:02}", session="1", task="proneLegLift")
    print(written)

for path in eo.bids_files(root):  # and back: samples, events, and all that the sidecar said
    print(path.name, eo.analyse(eo.read_recording(path)).summary["verdict"].tolist())
