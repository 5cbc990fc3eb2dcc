"""The network in torch, for training, and its weights as the package reads them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from emgorder.onset.network_features import N_FEATURES

__all__ = ["HEADS", "OUTSIDE", "Layer", "OnsetNet", "decoded", "folded", "from_weights", "weights_of"]

WIDTHS = (16, 24, 32, 40, 48)
DECODER_WIDTH = 20
HEADS = ("visible", "excited")
OUTSIDE = -1e4
BATCH_NORM_EPS = 1e-5


class Layer(nn.Module):
    """Convolution over time, batch normalisation if `normalised`, rectification."""

    def __init__(self, n_in: int, n_out: int, width: int, dilation: int = 1, *, normalised: bool = True) -> None:
        super().__init__()
        padding = dilation * (width // 2)
        self.convolution = nn.Conv1d(n_in, n_out, width, padding=padding, dilation=dilation, bias=not normalised)
        self.norm = nn.BatchNorm1d(n_out, eps=BATCH_NORM_EPS) if normalised else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Return the rectified channels."""
        return functional.relu(self.norm(self.convolution(x)))


class OnsetNet(nn.Module):
    """A U-Net over 4 ms frames with five time scales; its forward pass without torch is in ``emgorder.onset``."""

    def __init__(self, *, normalised: bool = True) -> None:
        super().__init__()
        w0, w1, w2, w3, w4 = WIDTHS
        self.layers = nn.ModuleDict(
            {
                "enter": Layer(N_FEATURES, w0, 7, normalised=normalised),
                "down0": Layer(w0, w0, 5, normalised=normalised),
                "down1a": Layer(w0, w1, 5, normalised=normalised),
                "down1b": Layer(w1, w1, 5, normalised=normalised),
                "down2a": Layer(w1, w2, 5, normalised=normalised),
                "down2b": Layer(w2, w2, 5, normalised=normalised),
                "down3a": Layer(w2, w3, 5, normalised=normalised),
                "down3b": Layer(w3, w3, 5, normalised=normalised),
                "deep_a": Layer(w3, w4, 3, normalised=normalised),
                "deep_b": Layer(w4, w4, 3, dilation=2, normalised=normalised),
                "deep_c": Layer(w4, w4, 3, dilation=4, normalised=normalised),
                "up3": Layer(w4 + w3, w3, 3, normalised=normalised),
                "up2": Layer(w3 + w2, w2, 3, normalised=normalised),
                "up1": Layer(w2 + w1, w1, 3, normalised=normalised),
                "up0a": Layer(w1 + w0, DECODER_WIDTH, 5, normalised=normalised),
                "up0b": Layer(DECODER_WIDTH, DECODER_WIDTH, 5, normalised=normalised),
            }
        )
        self.where = nn.Conv1d(DECODER_WIDTH, len(HEADS), 1)
        self.none = nn.Linear(2 * w4, len(HEADS))
        self.smooth = nn.Linear(2 * w4, 1)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits of shape (n_windows, heads, n_frames + 1), the last one for "no onset", and of "smooth"."""
        inside = features[:, -3:-2]
        there = inside - features[:, -2:-1]
        up, deep = decoded(self.layers, features, inside)
        where = self.where(up) + (there - 1) * -OUTSIDE
        whole = torch.cat([deep.mean(dim=2), deep.amax(dim=2)], dim=1)
        return torch.cat([where, self.none(whole)[:, :, None]], dim=2), self.smooth(whole)[:, 0]


def decoded(layers: nn.ModuleDict, features: Tensor, inside: Tensor) -> tuple[Tensor, Tensor]:
    """Return what the finest and the deepest layer of a U-Net give, as `emgorder.onset.layers.decoded` does."""

    def half(x: Tensor) -> Tensor:
        return functional.avg_pool1d(x, 2)

    def joined(deep: Tensor, skipped: Tensor) -> Tensor:
        return torch.cat([deep.repeat_interleave(2, dim=2), skipped], dim=1)

    skipped = [layers["down0"](layers["enter"](features)) * inside]
    while f"down{len(skipped)}a" in layers:
        scale = len(skipped)
        skipped.append(layers[f"down{scale}b"](layers[f"down{scale}a"](half(skipped[-1]))))
    deep = layers["deep_a"](half(skipped[-1]))
    deep = deep + layers["deep_b"](deep)
    deep = deep + layers["deep_c"](deep)
    up = deep
    for scale in range(len(skipped) - 1, 0, -1):
        up = layers[f"up{scale}"](joined(up, skipped[scale]))
    up = layers["up0a"](joined(up, skipped[0]))
    return up + layers["up0b"](up), deep


def folded(layers: nn.ModuleDict) -> dict[str, np.ndarray]:
    """Return weights and biases of the convolutions, batch normalisation folded into them."""
    arrays: dict[str, np.ndarray] = {}
    for name, layer in layers.items():
        weight, bias = layer.convolution.weight, layer.convolution.bias
        if isinstance(layer.norm, nn.BatchNorm1d):
            gain = layer.norm.weight / torch.sqrt(layer.norm.running_var + BATCH_NORM_EPS)
            weight, bias = weight * gain[:, None, None], layer.norm.bias - layer.norm.running_mean * gain
        arrays[f"{name}.weight"], arrays[f"{name}.bias"] = weight.detach().numpy(), bias.detach().numpy()
    return arrays


def weights_of(net: OnsetNet) -> dict[str, np.ndarray]:
    """Return the weights as float16, batch normalisation folded into the convolutions."""
    arrays = folded(net.layers)
    arrays["where.weight"] = net.where.weight.detach().numpy()[:, :, 0]
    arrays["where.bias"] = net.where.bias.detach().numpy()
    for name in ("none", "smooth"):
        arrays[f"{name}.weight"] = getattr(net, name).weight.detach().numpy()
        arrays[f"{name}.bias"] = getattr(net, name).bias.detach().numpy()
    return {name: values.astype(np.float16) for name, values in arrays.items()}


def from_weights(arrays: Mapping[str, np.ndarray]) -> OnsetNet:
    """Return the network without batch normalisation that has these weights."""
    net = OnsetNet(normalised=False)
    state = {}
    for name, values in arrays.items():
        layer, kind = name.split(".")
        tensor = torch.from_numpy(values.astype(np.float32))
        if layer == "where" and kind == "weight":
            tensor = tensor[:, :, None]
        state[name if layer in ("where", "none", "smooth") else f"layers.{layer}.convolution.{kind}"] = tensor
    net.load_state_dict(state)
    return net
