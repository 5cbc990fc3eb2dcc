"""Who fired first in a recorded session? Usage: python analyse_session.py [session.csv]."""

import sys
from pathlib import Path

import emgorder as eo

DATASETS = Path(__file__).resolve().parents[1] / "datasets"
path = Path(sys.argv[1]) if len(sys.argv) > 1 else DATASETS / "clean_hamstring_first.csv"

recording = eo.read_recording(path)
result = eo.analyse(recording, eo.Settings(rope_s=0.030))

print(result.summary[["side", "verdict", "onset_difference_ms", "n_valid", "n_hamstring_first"]])
print(result.order[["lift", "onset_difference_ms", "p_hamstring_first", "valid", "reason"]])
result.lifts.to_csv(path.stem + "_lifts.csv", index=False)
print(result.to_html(path.stem + "_report.html"))
