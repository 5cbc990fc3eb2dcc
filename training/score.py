"""How good the nets are: ``EMGORDER_DATA=... python -m training.score WEIGHTS`` with the folder of all three.

Readings are scored with the net that has seen nothing of their data set ("held out") and with the one that is shipped.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from scipy import signal

from emgorder.model import FloatArray
from emgorder.onset.network import NetworkPosterior, OnsetNetwork, load_network, network_posterior
from emgorder.simulate import simulate_burst
from training.folds import NETS, held_out_net
from training.readings import Figures, Reading, figures_of, read_readings

__all__ = ["main"]

N_SIMULATED = 120
PROLONGED_S = 1.2
GAP_S = 0.05
GAP_BEFORE_ONSET_S = 0.01
LOWER_RATES_HZ = (500, 250, 200)
BEFORE_ONSET_S = 0.08  # what ends this long before the onset shows no burst
LEAST_REST_S = 0.35
LEAST_PROBABILITY = 0.5

Window = tuple[FloatArray, float]
Change = Callable[[Reading], Window]


def native(reading: Reading) -> Window:
    """Return the window as it was read."""
    return reading.window(), reading.sampling_frequency


def prolonged(reading: Reading) -> Window:
    """Return the window with more of the burst."""
    return reading.window(at_least_after_s=PROLONGED_S), reading.sampling_frequency


def with_gap(reading: Reading) -> Window:
    """Return the window with a gap across the onset."""
    window, rate = native(reading)
    first = max(int((reading.onset_s - GAP_BEFORE_ONSET_S) * rate), 0)
    window[first : first + int(GAP_S * rate)] = np.nan
    return window, rate


def with_early_gap(reading: Reading) -> Window:
    """Return the window with a gap that ends 120 ms before the onset, the onset still tellable."""
    window, rate = native(reading)
    last = max(int((reading.onset_s - 0.12) * rate), 0)
    window[max(last - int(GAP_S * rate), 0) : last] = np.nan
    return window, rate


def slower(rate_Hz: int) -> Change:
    """Return the change that resamples windows to a lower rate."""

    def change(reading: Reading) -> Window:
        window, rate = native(reading)
        return signal.resample_poly(window - window.mean(), rate_Hz, int(rate)), float(rate_Hz)

    return change


def _line(name: str, figures: Figures) -> str:
    return (
        f"{name:44s} n {figures.n:4d}  median {figures.median_error_ms:6.1f}  MAE {figures.capped_mae_ms:6.1f}  "
        f"bias {figures.bias_ms:6.1f}  covers {figures.coverage_90:.2f} / {figures.coverage_50:.2f}  "
        f"width {figures.width_ms:6.1f}  log score {figures.log_score:6.2f}"
    )


class _Nets:
    def __init__(self, folder: Path) -> None:
        self._networks: dict[str, OnsetNetwork] = {name: load_network(folder / f"{name}.npz") for name in NETS}

    def score(self, name: str, readings: Iterable[Reading], change: Change, *, held_out: bool) -> str:
        """Return a line of figures, and the share of windows in which an onset was told."""
        found: list[NetworkPosterior] = []
        known: list[float] = []
        for reading in readings:
            network = self._networks[held_out_net(reading.dataset) if held_out else "all"]
            found.append(network_posterior(*change(reading), network=network))
            known.append(reading.onset_s)
        told = float(np.mean([f.probability > LEAST_PROBABILITY for f in found]))
        return f"{_line(name, figures_of([f.visible for f in found], known))}  told {told:.2f}"

    def quiet(self, readings: Iterable[Reading], *, held_out: bool) -> str:
        """Return how the network takes windows that end before the burst begins."""
        probabilities = []
        for reading in readings:
            stop = int((reading.onset_s - BEFORE_ONSET_S) * reading.sampling_frequency)
            if stop > LEAST_REST_S * reading.sampling_frequency:
                network = self._networks[held_out_net(reading.dataset) if held_out else "all"]
                rest = reading.window()[:stop]
                probabilities.append(network_posterior(rest, reading.sampling_frequency, network=network).probability)
        told = np.mean(np.array(probabilities) > LEAST_PROBABILITY)
        return (
            f"{'  rest before the burst only':44s} n {len(probabilities):4d}  "
            f"P(onset) median {np.median(probabilities):.2f}  told {told:.2f}"
        )

    def simulated(self, name: str, **options: object) -> str:
        """Return a line of figures on the package's own simulation: the network has seen none of it."""
        bursts = [simulate_burst(1000 + k, **options) for k in range(N_SIMULATED)]  # type: ignore[arg-type]
        found = [network_posterior(b.signal, b.sampling_frequency, network=self._networks["all"]) for b in bursts]
        true = [b.onset_s for b in bursts]
        told = np.mean([f.probability > LEAST_PROBABILITY for f in found])
        visible, excited = (figures_of([getattr(f, head) for f in found], true) for head in ("visible", "excited"))
        return f"{_line(name + ' visible', visible)}  told {told:.2f}\n{_line(name + ' excited', excited)}"


def report(nets: _Nets, readings: list[Reading]) -> Iterable[str]:
    """Yield the lines of the report."""
    fast = [r for r in readings if r.sampling_frequency >= 1000]
    for held_out in (True, False):
        yield "held out" if held_out else "all (its rests and carriers include these recordings)"
        yield nets.score("  as read", readings, native, held_out=held_out)
        for dataset in sorted({r.dataset for r in readings}):
            own = [r for r in readings if r.dataset == dataset]
            yield nets.score(f"    {dataset}", own, native, held_out=held_out)
        yield nets.score("  prolonged to 1.2 s after the onset", readings, prolonged, held_out=held_out)
        yield nets.score("  50 ms gap across the onset", readings, with_gap, held_out=held_out)
        yield nets.score("  50 ms gap until 120 ms before", readings, with_early_gap, held_out=held_out)
        yield nets.score("  1000 Hz and more", fast, native, held_out=held_out)
        for rate_Hz in LOWER_RATES_HZ:
            yield nets.score(f"  the same at {rate_Hz} Hz", fast, slower(rate_Hz), held_out=held_out)
        yield nets.quiet(readings, held_out=held_out)
    yield "simulated by emgorder.simulate, true onset"
    for snr_dB, ramp_s in ((3, 0.0), (6, 0.05), (10, 0.05), (15, 0.0), (15, 0.1), (25, 0.05), (25, 0.2)):
        yield nets.simulated(f"  {snr_dB} dB, ramp {1e3 * ramp_s:.0f} ms", snr_dB=snr_dB, ramp_s=ramp_s)
    yield nets.simulated("  200 Hz, 15 dB, ramp 50 ms", snr_dB=15, ramp_s=0.05, sampling_frequency=200.0)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path, help="folder that training.train wrote")
    arguments = parser.parse_args()
    folder = os.environ.get("EMGORDER_DATA")
    if not folder:
        parser.error("set EMGORDER_DATA to the folder of real recordings")
    for line in report(_Nets(arguments.weights), read_readings(Path(folder))):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
