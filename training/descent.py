"""Steps downhill that both trainings take: AdamW, the rate warmed up and let down along a cosine, gradients cut."""

from __future__ import annotations

import numpy as np
import torch

__all__ = ["optimiser_of", "set_rate", "step_down"]

LEAST_LEARNING_RATE = 1e-5
WEIGHT_DECAY = 1e-4
LARGEST_GRADIENT = 2.0


def optimiser_of(net: torch.nn.Module, rate: float) -> torch.optim.AdamW:
    """Return a fresh optimiser of all weights of `net`."""
    return torch.optim.AdamW(net.parameters(), rate, weight_decay=WEIGHT_DECAY)


def set_rate(optimiser: torch.optim.Optimizer, step: int, n_steps: int, rate: float, warm_up: int) -> None:
    """Set the learning rate of one of `n_steps` steps; `rate` is the largest, reached after `warm_up`."""
    warm = min(1.0, (step + 1) / warm_up)
    cosine = 0.5 * (1 + np.cos(np.pi * step / n_steps))
    for group in optimiser.param_groups:
        group["lr"] = rate * warm * cosine + LEAST_LEARNING_RATE


def step_down(net: torch.nn.Module, optimiser: torch.optim.Optimizer, loss: torch.Tensor) -> None:
    """Take one step against the gradient of `loss`."""
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(net.parameters(), LARGEST_GRADIENT)
    optimiser.step()
