"""Train the onset network: ``EMGORDER_DATA=... python -m training.train --out weights`` makes all three nets again.

Everything is fixed by the seeds below and by a number of iterations: two runs on one machine give the same weights.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import torch

from emgorder.onset.network_features import FRAME_SAMPLES
from training.descent import optimiser_of, set_rate, step_down
from training.draws import RATE_HZ
from training.folds import NETS
from training.network import HEADS, OnsetNet, from_weights, weights_of
from training.segments import Segments
from training.windows import Windows, window_pool

__all__ = ["losses_of", "settle", "targets", "train"]

SEEDS = {"fold0": 11, "fold1": 12, "all": 13}
N_ITERATIONS = 2800
N_BATCHES = 900  # drawn once; each is seen three times, after the first with the signal turned over at random
BATCH_WINDOWS = 96
LEARNING_RATE, WARM_UP = 2.5e-3, 100
N_SETTLING = 300
"""Iterations without batch normalisation at the end. A batch holds one rate and length, so that its statistics tell the
network what the rate mark should; with the mean statistics of all rates in use, onsets came 18 ms early at 1 kHz and
22 ms late at 250 Hz."""

SETTLING_RATE, SETTLING_WARM_UP = 1e-3, 20
LABEL_SD_s = 0.004
"""Blur of the label: one frame, so that neighbouring frames learn from each other."""

SMOOTH_WEIGHT = 0.2
COARSEST_FRAMES = 16
REPORT_EVERY = 100
SIGNED = slice(6, 10)  # the features that carry the sign of the signal


def targets(windows: Windows, n_frames: int) -> np.ndarray:
    """Return the probabilities to learn, shape (n_windows, heads, n_frames + 1), the last one "no onset"."""
    centre_s = (np.arange(n_frames) + 0.5) * FRAME_SAMPLES / RATE_HZ
    onset_s = np.stack([windows.visible_s, windows.excited_s], axis=1)[:, :, np.newaxis]
    there = padded(windows.features, n_frames)
    there = (there[:, -3] - there[:, -2])[:, np.newaxis]
    weight = np.nan_to_num(np.exp(-0.5 * ((centre_s - onset_s) / LABEL_SD_s) ** 2)) * there
    total = weight.sum(axis=2, keepdims=True)
    known = total > 1e-3
    weight = np.where(known, weight / np.maximum(total, 1e-3), 0)
    return np.concatenate([weight, ~known], axis=2).astype(np.float32)


def losses_of(found: tuple[torch.Tensor, torch.Tensor], wanted: torch.Tensor, smooth: torch.Tensor) -> torch.Tensor:
    """Return three losses: visible onset in all windows, excitation in the smooth ones, and which those are."""
    logits, kind = found
    wrong = -(wanted * torch.log_softmax(logits, dim=2)).sum(dim=2)
    there = 1.0 - wanted[:, 1, -1]  # whether a window is smooth is asked only where it shows an onset
    kinds = torch.nn.functional.binary_cross_entropy_with_logits(kind, smooth.float(), reduction="none")
    return torch.stack(
        [
            wrong[:, 0].mean(),
            wrong[smooth, 1].mean(),
            SMOOTH_WEIGHT * (kinds * there).sum() / there.sum().clamp(min=1.0),
        ]
    )


def padded(features: np.ndarray, n_frames: int) -> np.ndarray:
    """Return the features with frames of zeros up to `n_frames`."""
    return np.pad(features, ((0, 0), (0, 0), (0, n_frames - features.shape[2])))


def _batches(pool: list[Windows], rng: np.random.Generator) -> Iterator[tuple[Windows, int]]:
    epoch = 0
    while True:
        for index in rng.permutation(len(pool)):
            yield pool[index], epoch
        epoch += 1


def _fit(
    net: OnsetNet,
    name: str,
    rng: np.random.Generator,
    batches: Iterable[tuple[Windows, int]],
    n: int,
    rate: float,
    warm_up: int,
) -> None:
    """Take `n` steps, one batch each; windows of an epoch after the first are turned over at random."""
    started = time.monotonic()
    optimiser = optimiser_of(net, rate)
    losses: list[np.ndarray] = []
    for iteration, (windows, epoch) in zip(range(n), batches, strict=False):
        set_rate(optimiser, iteration, n, rate, warm_up)
        n_frames = -(-windows.features.shape[2] // COARSEST_FRAMES) * COARSEST_FRAMES
        features = padded(windows.features, n_frames)
        if epoch:
            features[:, SIGNED] *= rng.choice([-1, 1], (len(features), 1, 1)).astype(np.float32)
        wanted = torch.from_numpy(targets(windows, n_frames))
        loss = losses_of(net(torch.from_numpy(features)), wanted, torch.from_numpy(windows.smooth))
        step_down(net, optimiser, loss.sum())
        losses.append(loss.detach().numpy())
        if (iteration + 1) % REPORT_EVERY == 0:
            mean = np.mean(losses[-REPORT_EVERY:], axis=0)
            told = ", ".join(f"{head} {value:.3f}" for head, value in zip((*HEADS, "smooth"), mean, strict=True))
            print(f"{name}: {iteration + 1} ({time.monotonic() - started:.0f} s) {told}", flush=True)


def settle(name: str, weights: Mapping[str, np.ndarray], pool: Iterable[Windows]) -> dict[str, np.ndarray]:
    """Train on without batch normalisation, each batch of the pool once and in its order."""
    net = from_weights(weights)
    rng = np.random.default_rng(SEEDS[name] + 2000)
    _fit(net, name, rng, ((windows, 1) for windows in pool), N_SETTLING, SETTLING_RATE, SETTLING_WARM_UP)
    return weights_of(net)


def train(
    name: str, data_folder: Path, out: Path, *, n_iterations: int = N_ITERATIONS, n_batches: int = N_BATCHES
) -> None:
    """Train one net and write ``<name>.npz`` into `out`."""
    seed = SEEDS[name]
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    pool = list(window_pool(seed + 1000, n_batches, BATCH_WINDOWS, Segments(data_folder, name)))
    net = OnsetNet()
    rng = np.random.default_rng(seed)
    _fit(net, name, rng, _batches(pool, rng), n_iterations, LEARNING_RATE, WARM_UP)
    np.savez_compressed(out / f"{name}.npz", **settle(name, weights_of(net), pool))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the weights")
    parser.add_argument("--net", choices=NETS, action="append", help="only this net (may be repeated)")
    parser.add_argument("--threads", type=int, default=1, help="of torch; the sums, and so the last bits, depend on it")
    arguments = parser.parse_args()
    folder = os.environ.get("EMGORDER_DATA")
    if not folder:
        parser.error("set EMGORDER_DATA to the folder of real recordings")
    torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for net_name in arguments.net or NETS:
        train(net_name, Path(folder), arguments.out)


if __name__ == "__main__":
    main()
