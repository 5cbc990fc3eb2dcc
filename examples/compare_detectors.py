"""Does the verdict hang on the onset detector? Usage: python compare_detectors.py [session.csv]."""

import sys
from pathlib import Path

import emgorder as eo

DATASETS = Path(__file__).resolve().parents[1] / "datasets"
path = Path(sys.argv[1]) if len(sys.argv) > 1 else DATASETS / "crosstalk.csv"

table = eo.compare_methods(eo.read_recording(path), ["posterior", "hodges_bui", "bonato", "abbink", "cusum"])
columns = ["method", "side", "verdict", "mean_ms", "same_sign", "bias_ms", "loa_low_ms", "loa_high_ms"]
print(table[columns].round(2).to_string(index=False))
for name in table["method"]:
    print(eo.onset_methods()[name].citation)
