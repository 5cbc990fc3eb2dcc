"""The U-Net of both networks, with numpy: convolution over time, half the frames, and joining scales."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import numpy as np

from emgorder.errors import RecordingError
from emgorder.onset.network_features import Float32Array

__all__ = ["OUTSIDE", "Layers", "decoded", "read_weights"]

Layers = Mapping[str, tuple[Float32Array, Float32Array]]
"""Of each layer the weights, shape (n_out, width * n_in), and biases, shape (n_out, 1)."""

OUTSIDE = np.float32(1e4)
"""Taken from the logits of frames without signal."""


def read_weights(name: str, path: Path | None, needed: set[str]) -> tuple[Layers, dict[str, Float32Array]]:
    """Read weights that ``training/`` wrote.

    Parameters
    ----------
    name : str
        File of the package.
    path : Path or None
        Another file.
    needed : set of str
        Arrays and layers without which the file is none of this network.

    Returns
    -------
    layers : mapping of str to (ndarray of float32, ndarray of float32)
        Ready for :func:`decoded`.
    arrays : dict of str to ndarray of float32
        What is no layer.

    Raises
    ------
    RecordingError
        The file holds no weights of this network.
    """
    source = path or resources.files("emgorder.onset") / "weights" / name
    with source.open("rb") as file, np.load(file) as stored:
        arrays = {key: stored[key].astype(np.float32) for key in stored.files}
    layers = {}
    for layer in sorted(key.removesuffix(".bias") for key in arrays if key.endswith(".bias")):
        if f"{layer}.weight" not in arrays:
            continue
        weight, bias = arrays.pop(f"{layer}.weight"), arrays.pop(f"{layer}.bias")
        # (out, in, width) -> (out, width * in): one matrix product a layer
        flat = weight.transpose(0, 2, 1).reshape(len(weight), -1) if weight.ndim == 3 else weight
        layers[layer] = (np.ascontiguousarray(flat), bias[:, np.newaxis])
    missing = needed - set(layers) - set(arrays)
    if missing:
        raise RecordingError(f"no weights as in {name}: {', '.join(sorted(missing))} missing", path=path)
    return layers, arrays


def decoded(layers: Layers, x: Float32Array, inside: Float32Array) -> tuple[Float32Array, Float32Array]:
    """Return what the finest and the deepest layer of a U-Net give.

    Parameters
    ----------
    layers : mapping
        As :func:`read_weights` returns them; how many scales there are is seen from their names.
    x : ndarray of float32, shape (n_features, n_windows, n_frames)
        Features.
    inside : ndarray of float32, shape (1, n_windows, n_frames)
        1 within the window, 0 in what pads it.

    Returns
    -------
    finest, deepest : ndarray of float32, shape (n_channels, n_windows, n_frames at that scale)
    """

    def layer(name: str, x: Float32Array, dilation: int = 1) -> Float32Array:
        return _convolved(x, *layers[name], dilation)

    skipped = [layer("down0", layer("enter", x)) * inside]
    while f"down{len(skipped)}a" in layers:
        scale = len(skipped)
        skipped.append(layer(f"down{scale}b", layer(f"down{scale}a", _half(skipped[-1]))))
    deep = layer("deep_a", _half(skipped[-1]))
    deep = deep + layer("deep_b", deep, 2)
    deep = deep + layer("deep_c", deep, 4)
    up = deep
    for scale in range(len(skipped) - 1, 0, -1):
        up = layer(f"up{scale}", _joined(up, skipped[scale]))
    up = layer("up0a", _joined(up, skipped[0]))
    return up + layer("up0b", up), deep


def _convolved(x: Float32Array, weight: Float32Array, bias: Float32Array, dilation: int = 1) -> Float32Array:
    """Convolve x of shape (channels, windows, frames) over time and rectify."""
    channels, n_windows, n_frames = x.shape
    width = weight.shape[1] // channels
    reach = dilation * (width // 2)
    around = np.zeros((channels, n_windows, n_frames + 2 * reach), dtype=np.float32)
    around[:, :, reach : reach + n_frames] = x
    shifted = np.empty((width, channels, n_windows, n_frames), dtype=np.float32)
    for step in range(width):
        shifted[step] = around[:, :, step * dilation : step * dilation + n_frames]
    y = weight @ shifted.reshape(width * channels, -1)
    y += bias
    np.maximum(y, 0, out=y)
    return y.reshape(-1, n_windows, n_frames)


def _half(x: Float32Array) -> Float32Array:
    """Return the mean of every two frames."""
    mean: Float32Array = np.float32(0.5) * (x[:, :, ::2] + x[:, :, 1::2])
    return mean


def _joined(deep: Float32Array, skipped: Float32Array) -> Float32Array:
    """Return the channels of a coarse scale, each frame twice, and those of the next finer one."""
    return np.concatenate([np.repeat(deep, 2, axis=2), skipped])
