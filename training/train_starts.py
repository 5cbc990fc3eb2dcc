"""Train the start network: ``python -m training.train_starts --out weights`` makes it again, from simulations alone.

Everything is fixed by the seed and the number of steps: two runs on one machine give the same weights.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections import deque
from collections.abc import Iterable, Iterator
from multiprocessing.pool import AsyncResult, Pool
from pathlib import Path

import numpy as np
import torch

from training.descent import optimiser_of, set_rate, step_down
from training.sessions import Sessions, draw_batch
from training.start_network import StartNet, weights_of

__all__ = ["losses_of", "train"]

SEED = 21
N_STEPS = 8_500
LEARNING_RATE, WARM_UP = 2.5e-3, 100
KIND_WEIGHT = 0.3
REPORT_EVERY, SAVE_EVERY = 100, 500
AHEAD = 4  # batches of 2.3 MB


def losses_of(net: StartNet, sessions: Sessions) -> torch.Tensor:
    """Return three losses: the start of a lift alone, of one among others, and the kind of its rise with the start."""
    target = torch.from_numpy(sessions.target)
    seen = target.sum(dim=1)
    others = torch.from_numpy(sessions.others)
    fit, evidence = net(torch.from_numpy(sessions.features))
    told = torch.bmm(others, evidence.view(len(others), -1, evidence.shape[1])).reshape(evidence.shape)
    joint = fit + net.kinds(torch.zeros_like(evidence))[:, :, None]
    among = fit + net.kinds(told)[:, :, None]

    def wrong(logits: torch.Tensor) -> torch.Tensor:
        return -(target * torch.log_softmax(logits, dim=1)).sum(dim=1)

    of_kind = joint[torch.arange(len(joint)), torch.from_numpy(sessions.kind)]
    placed = -(target * (of_kind - torch.logsumexp(joint.flatten(1), dim=1)[:, None])).sum(dim=1)
    losses = [wrong(torch.logsumexp(joint, dim=1)), wrong(torch.logsumexp(among, dim=1)), placed]
    return torch.stack([loss.sum() for loss in losses]) / seen.sum()


def train(out: Path, *, n_steps: int = N_STEPS) -> None:
    """Train the net and write ``starts.npz`` into `out`; the next batches are drawn beside it."""
    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    net = StartNet()
    optimiser = optimiser_of(net, LEARNING_RATE)
    started = time.monotonic()
    seeds = np.random.SeedSequence(SEED).generate_state(n_steps, np.uint64).tolist()
    recent: list[np.ndarray] = []
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        for step, sessions in enumerate(_drawn(pool, seeds)):
            set_rate(optimiser, step, n_steps, LEARNING_RATE, WARM_UP)
            losses = losses_of(net, sessions)
            step_down(net, optimiser, losses[0] + losses[1] + KIND_WEIGHT * losses[2])
            recent.append(losses.detach().numpy())
            if (step + 1) % REPORT_EVERY == 0:
                told = ", ".join(
                    f"{name} {loss:.3f}"
                    for name, loss in zip(("alone", "among others", "kind"), np.mean(recent, axis=0), strict=True)
                )
                recent.clear()
                print(f"starts: {step + 1} ({time.monotonic() - started:.0f} s) {told}", flush=True)
            if (step + 1) % SAVE_EVERY == 0 or step + 1 == n_steps:
                np.savez_compressed(out / "starts.npz", **weights_of(net))


def _drawn(pool: Pool, seeds: Iterable[int]) -> Iterator[Sessions]:
    """Yield the batches in the order of their seeds, a few of them drawn ahead."""
    waiting: deque[AsyncResult[Sessions]] = deque()
    for seed in seeds:
        waiting.append(pool.apply_async(draw_batch, (seed,)))
        if len(waiting) > AHEAD:
            yield waiting.popleft().get()
    while waiting:
        yield waiting.popleft().get()


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the weights")
    parser.add_argument("--threads", type=int, default=1, help="of torch; the sums, and so the last bits, depend on it")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    train(arguments.out)


if __name__ == "__main__":
    main()
