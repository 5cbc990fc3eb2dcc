"""Who fires first, lift by lift, from any EMG stream of Lab Streaming Layer. Usage: live_lsl.py [STREAM] [GMAX_R,BF_R].

Start a stream first, for example: emgorder record session --simulate --lsl
"""

import sys

import numpy as np
import pylsl

import emgorder as eo
from emgorder.report.words import lift_line

name = sys.argv[1] if len(sys.argv) > 1 else None
labels = sys.argv[2].split(",") if len(sys.argv) > 2 else ["GMAX_R", "BF_R"]
found = pylsl.resolve_byprop(*(("name", name) if name else ("type", "EMG")), timeout=10.0)
if not found:
    sys.exit("no such stream in the network")
inlet = pylsl.StreamInlet(found[0], max_buflen=60)
channels = [eo.Channel(label, *label.split("_")) for label in labels]
analyser = eo.SessionAnalyser(channels, inlet.info().nominal_srate())

while True:
    rows, times = inlet.pull_chunk(timeout=3.0, max_samples=100)
    if not rows:
        break  # the stream has ended
    for event in analyser.push(np.array(rows)[:, : len(channels)]):
        if isinstance(event, eo.LiftFinished):
            print(lift_line(event.result), flush=True)
print(analyser.finish().summary[["side", "verdict", "n_valid", "onset_difference_ms"]])
