"""The network in torch is the one that the package evaluates, and training can be repeated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.conftest import needs

needs("torch")

import torch  # noqa: E402

from emgorder.onset.network import forward, load_network  # noqa: E402
from training.network import OnsetNet, from_weights, weights_of  # noqa: E402
from training.train import targets, train  # noqa: E402
from training.windows import draw_windows  # noqa: E402


def test_torch_and_numpy_give_the_same_logits(tmp_path: Path, as_trained: Callable[[Callable[[], Any]], Any]) -> None:
    net = as_trained(OnsetNet)
    path = tmp_path / "net.npz"
    np.savez(path, **weights_of(net))
    features = np.random.default_rng(0).standard_normal((3, 13, 96)).astype(np.float32)
    features[:, -3], features[:, -2] = 1, 0
    features[1, -2, 20:30] = 1
    logits, kind = (found.detach().numpy() for found in net(torch.from_numpy(features)))
    where, none, smooth = forward(load_network(path), features)
    np.testing.assert_allclose(where.transpose(1, 0, 2), logits[:, :, :-1], atol=2e-3)
    np.testing.assert_allclose(none.T, logits[:, :, -1], atol=2e-3)
    np.testing.assert_allclose(smooth, kind, atol=2e-3)


def test_weights_survive_a_round_trip_without_batch_normalisation() -> None:
    weights = weights_of(OnsetNet().eval())
    again = weights_of(from_weights(weights))
    assert again.keys() == weights.keys()
    for name in weights:
        np.testing.assert_array_equal(again[name], weights[name])


def test_targets_are_probabilities_around_the_label() -> None:
    windows = draw_windows(np.random.default_rng(1), 40, 800, 1000, None)
    wanted = targets(windows, 208)
    np.testing.assert_allclose(wanted.sum(axis=2), 1, atol=1e-5)
    known = np.isfinite(windows.visible_s)
    np.testing.assert_array_equal(wanted[~known, 0, -1], 1)
    peak_s = (wanted[known, 0].argmax(axis=1) + 0.5) * 0.004
    np.testing.assert_allclose(peak_s, windows.visible_s[known], atol=0.003)


def test_training_twice_gives_the_same_weights(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        train("all", tmp_path, tmp_path / name, n_iterations=2, n_batches=2)
    one, two = (np.load(tmp_path / name / "all.npz") for name in ("one", "two"))
    assert one.files == two.files
    for name in one.files:
        np.testing.assert_array_equal(one[name], two[name])
