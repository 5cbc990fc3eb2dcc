"""What the samples of a channel say of it: no signal at all, or values that are held."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from emgorder.held import hold_length
from emgorder.io.headers import Header
from emgorder.io.remarks import Remarks
from emgorder.model import Channel, FloatArray

__all__ = ["check_level", "with_true_rate"]


def check_level(header: Header, signal: FloatArray, unit: str, remarks: Remarks) -> None:
    """Say when a channel carries no signal."""
    there = signal[np.isfinite(signal)]
    if not there.size:
        remarks.warn("no samples", "not one sample: is the sensor connected?", column=header.text)
    elif there.size > 1 and there.min() == there.max():
        remarks.warn("constant", f"every sample is {there[0]:.6g} {unit}: is the sensor connected?", column=header.text)


def with_true_rate(
    channel: Channel, header: Header, signal: FloatArray, sampling_frequency: float, remarks: Remarks
) -> Channel:
    """Return the channel with the rate of its new values: as the sidecar says, else as they are held."""
    if math.isfinite(channel.true_rate_Hz):
        same = math.isclose(channel.true_rate_Hz, sampling_frequency, rel_tol=1e-9)
        return replace(channel, true_rate_Hz=math.nan) if same else channel
    hold = hold_length(signal)
    if hold == 1.0:
        return channel
    true_rate_Hz = sampling_frequency / hold
    remarks.warn(
        "held",
        f"values are held for {hold:.3g} rows: new ones come at {true_rate_Hz:.4g} Hz only, so no onset is finer "
        f"than {1e3 / true_rate_Hz:.3g} ms",
        column=header.text,
    )
    return replace(channel, true_rate_Hz=true_rate_Hz)
