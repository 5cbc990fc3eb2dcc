"""Tables as NeuroKit2 makes them, for its own plots and analyses."""

from __future__ import annotations

import warnings
from typing import Protocol

import numpy as np
import pandas as pd

from emgorder.errors import RecordingError, SettingsError, SignalQualityError
from emgorder.io.checks import refuse_infinite
from emgorder.io.gaps import bridged
from emgorder.model import Channel, FloatArray, Recording

__all__ = ["COLUMNS", "HasLifts", "to_neurokit"]

COLUMNS = ("EMG_Raw", "EMG_Clean", "EMG_Amplitude", "EMG_Activity", "EMG_Onsets", "EMG_Offsets")
"""What ``neurokit2.emg_process`` returns for one channel."""

_HIGHPASS_Hz = 100.0  # NeuroKit2's cleaning; it has to lie below half the rate
_THRESHOLD_SD = 0.1  # of the amplitude: NeuroKit2's own, below most rests
_SHORTEST_S = 0.05  # of activity and of rest
_SHORTEST = 40  # rows: its filters cannot start on fewer


class HasLifts(Protocol):
    """A result of :func:`emgorder.analyse`."""

    @property
    def lifts(self) -> pd.DataFrame:
        """A row per lift and muscle."""
        ...


def to_neurokit(recording: Recording, result: HasLifts | None = None) -> pd.DataFrame:
    """Return what NeuroKit2 makes of each channel.

    ``to_neurokit(recording)["GMAX_R"]`` is the table of one channel with the columns of ``neurokit2.emg_process``, and
    goes into ``emg_plot``, ``emg_analyze`` or ``epochs_create`` as it is (with ``info={"sampling_rate": ...}``). As
    there, ``EMG_Activity`` is 1 from an onset up to, but without, its offset.

    Parameters
    ----------
    recording : Recording
        At more than 200 Hz.
    result : SessionResult, optional
        Its onsets and offsets are marked, where the channel belongs to a lift, at the sample of the recording (known
        delays of a channel added back). By default those that NeuroKit2 finds with its own settings.

    Returns
    -------
    DataFrame
        Columns (channel, name), a row a sample, in the units of ``recording.data``; ``attrs`` holds
        ``sampling_rate``. ``EMG_Raw`` is NaN where samples were lost, the others bridge gaps with a straight line,
        as NeuroKit2's filters take no NaN.

    Raises
    ------
    SignalQualityError
        The rate is too low for NeuroKit2's high-pass at 100 Hz.
    RecordingError
        There are too few samples, or one is infinite.

    References
    ----------
    Makowski et al. 2021, 10.3758/s13428-020-01516-y. An envelope is taken as the amplitude, without cleaning.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> emg = rng.normal(size=(3000, 1)) * np.where(np.arange(3000) // 500 % 2, 50e-6, 1e-6)[:, None]
    >>> table = to_neurokit(Recording(emg, 1000.0, (Channel("GMAX_R"),)))["GMAX_R"]
    >>> list(table.columns) == list(COLUMNS), int(table["EMG_Onsets"].sum()) > 0
    (True, True)
    """
    if result is not None and not hasattr(result, "lifts"):
        raise SettingsError(f"{type(result).__name__} is no result: give what emgorder.analyse returns", key="result")
    rate = recording.sampling_frequency
    if rate <= 2 * _HIGHPASS_Hz:
        raise SignalQualityError(
            f"NeuroKit2 removes all below {_HIGHPASS_Hz:g} Hz, which {rate:g} Hz cannot carry: record at 500 Hz or "
            "more, or use to_frame()"
        )
    if recording.n_samples < _SHORTEST:
        raise RecordingError(f"{recording.n_samples} samples: NeuroKit2's filters need {_SHORTEST} at least")
    refuse_infinite(recording)
    tables = {
        channel.label: _table(channel, recording.data[:, i], rate, result)
        for i, channel in enumerate(recording.channels)
    }
    table = pd.concat(tables, axis=1) if tables else pd.DataFrame(index=range(recording.n_samples))
    table.attrs["sampling_rate"] = rate
    return table


def _table(channel: Channel, raw: FloatArray, rate: float, result: HasLifts | None) -> pd.DataFrame:
    import neurokit2

    whole = bridged(raw)
    flat = bool(np.ptp(whole) == 0)
    clean = whole
    amplitude = np.zeros(raw.size) if flat else whole
    if channel.kind == "raw" and not flat:
        clean = np.asarray(neurokit2.emg_clean(whole, sampling_rate=rate), dtype=np.float64)
        amplitude = np.asarray(neurokit2.emg_amplitude(clean, sampling_rate=rate), dtype=np.float64)
    if result is not None:
        onsets, offsets = _of_result(channel, raw.size, rate, result)
    elif flat:
        onsets = offsets = []
    else:
        onsets, offsets = _of_neurokit(amplitude, rate)
    activity, starts, ends = (np.zeros(raw.size, dtype=np.int64) for _ in range(3))
    for onset, offset in zip(onsets, offsets, strict=False):
        activity[onset:offset] = 1
    starts[onsets] = 1
    ends[offsets] = 1
    values = (raw, clean, amplitude, activity, starts, ends)
    return pd.DataFrame(dict(zip(COLUMNS, values, strict=True)))


def _of_neurokit(amplitude: FloatArray, rate: float) -> tuple[list[int], list[int]]:
    """Return the onsets and offsets that ``neurokit2.emg_process`` finds.

    Its ``emg_activation`` fills tables row by row, some 0.1 ms a sample: the same steps by its own functions without.
    """
    import neurokit2

    active = neurokit2.signal_binarize(amplitude, method="threshold", threshold=_THRESHOLD_SD * np.std(amplitude))
    shortest = int(_SHORTEST_S * rate)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="No events found")
        work, rest = (
            neurokit2.events_find(where, threshold=0.5, threshold_keep="above", duration_min=shortest)
            for where in (active, active == 0)
        )
    after_rest = np.isin(work["onset"], np.asarray(rest["onset"]) + rest["duration"])
    onsets = np.asarray(work["onset"])[after_rest]
    offsets = onsets + np.asarray(work["duration"])[after_rest]
    return onsets.astype(int).tolist(), offsets[offsets < amplitude.size].astype(int).tolist()


def _of_result(channel: Channel, n_samples: int, rate: float, result: HasLifts) -> tuple[list[int], list[int]]:
    """Return the onsets and offsets of the lifts that a channel belongs to."""
    lifts = result.lifts
    rows = lifts[(lifts["channel"] == channel.label) & np.isfinite(lifts["onset_s"].astype(float))]
    onsets, offsets = [], []
    for onset_s, offset_s, stop_s in zip(rows["onset_s"], rows["offset_s"], rows["hold_stop_s"], strict=True):
        end_s = offset_s if np.isfinite(offset_s) else stop_s
        onset = round((onset_s + channel.delay_s) * rate)
        offset = min(round((end_s + channel.delay_s) * rate), n_samples - 1) if np.isfinite(end_s) else n_samples - 1
        if 0 <= onset < offset:
            onsets.append(onset)
            offsets.append(offset)
    return onsets, offsets
