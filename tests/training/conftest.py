"""Nets that look trained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def as_trained() -> Callable[[Callable[[], Any]], Any]:
    """Return a function that makes a net of fixed random weights, its normalisation as after some batches."""

    def make(kind: Callable[[], Any]) -> Any:
        import torch

        torch.manual_seed(0)
        net = kind()
        for layer in net.layers.values():
            layer.norm.running_mean.normal_(0, 0.1)
            layer.norm.running_var.uniform_(0.5, 2)
        return net.eval()

    return make
