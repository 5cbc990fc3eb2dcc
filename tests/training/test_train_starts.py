"""Sessions of smooth rises hold what their labels say; the start network in torch is the one that is evaluated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import needs

needs("torch")

import torch  # noqa: E402

from emgorder.model import StartFits  # noqa: E402
from emgorder.onset.start_features import N_FEATURES, N_FRAMES  # noqa: E402
from emgorder.onset.starts import evidence_of, forward, load_start_network, usual_kinds  # noqa: E402
from training.sessions import LIFTS, N_KINDS, draw_batch, draw_sessions  # noqa: E402
from training.start_network import StartNet, weights_of  # noqa: E402
from training.train_starts import losses_of, train  # noqa: E402


@pytest.mark.parametrize("rate", [1000, 500, 400, 250, 200])
def test_sessions_are_finite_and_show_where_rises_begin(rate: int) -> None:
    sessions = draw_sessions(np.random.default_rng(rate), 4, rate)
    assert sessions.features.shape == (4 * LIFTS, N_FEATURES, N_FRAMES)
    assert np.isfinite(sessions.features).all()
    total = sessions.target.sum(axis=1)
    assert total[total > 0] == pytest.approx(1.0, abs=1e-4)
    assert (total > 0).mean() > 0.95
    assert 0 <= sessions.kind.min() <= sessions.kind.max() < N_KINDS
    assert not np.einsum("sll->sl", sessions.others).any()


def test_power_rises_after_the_label_and_not_before() -> None:
    sessions = draw_sessions(np.random.default_rng(5), 40, 1000)
    strong = np.flatnonzero((sessions.features[:, -3, 0] > 2.0) & (sessions.target.sum(axis=1) > 0))
    power = sessions.features[strong, 0]
    at = sessions.target[strong].argmax(axis=1)
    before = np.array([row[max(k - 40, 0) : k - 3].mean() for row, k in zip(power, at, strict=True)])
    after = np.array([row[k + 20 : k + 60].mean() for row, k in zip(power, at, strict=True)])
    assert strong.size > 50
    assert np.median(after - before) > 0.8


def test_the_rises_of_a_session_are_alike() -> None:
    kinds = draw_sessions(np.random.default_rng(2), 60, 1000).kind.reshape(60, LIFTS) % (N_KINDS // 2)
    assert np.median(kinds.std(axis=1)) < 0.6 * np.median(kinds, axis=1).std()


def test_the_same_seed_gives_the_same_batch() -> None:
    one, two = draw_batch(7), draw_batch(7)
    np.testing.assert_array_equal(one.features, two.features)
    np.testing.assert_array_equal(one.others, two.others)


def test_torch_and_numpy_give_the_same_fits(tmp_path: Path, as_trained: Callable[[Callable[[], Any]], Any]) -> None:
    net = as_trained(StartNet)
    path = tmp_path / "net.npz"
    np.savez(path, **weights_of(net))
    features = np.random.default_rng(0).standard_normal((2, N_FEATURES, N_FRAMES)).astype(np.float32)
    features[:, -4] = 1
    features[1, -4, 200:] = 0
    fit, evidence = net(torch.from_numpy(features))
    kinds = net.kinds(evidence)
    network = load_start_network(path)
    for row in range(2):
        mine = forward(network, features[row : row + 1])
        np.testing.assert_allclose(mine, fit[row].detach().numpy(), atol=1e-2)
        told = evidence_of(StartFits(np.arange(N_FRAMES) * 0.004, mine), network)
        np.testing.assert_allclose(told, evidence[row].detach().numpy(), atol=1e-2)
        np.testing.assert_allclose(usual_kinds(told, network), kinds[row].detach().numpy(), atol=1e-2)


def test_the_losses_of_a_net_that_knows_nothing_are_those_of_a_guess() -> None:
    torch.manual_seed(0)
    with torch.no_grad():
        alone, among, kind = losses_of(StartNet(), draw_batch(3)).numpy()
    assert 3.0 < alone < 8.0
    assert among == pytest.approx(alone, abs=0.5)
    assert kind > alone


def test_training_twice_gives_the_same_weights(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        train(tmp_path / name, n_steps=1)
    one, two = (np.load(tmp_path / name / "starts.npz") for name in ("one", "two"))
    assert one.files == two.files
    for name in one.files:
        np.testing.assert_array_equal(one[name], two[name])
