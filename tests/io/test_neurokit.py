"""NeuroKit2's tables: as its own functions make and take them."""

from __future__ import annotations

import matplotlib as mpl
import neurokit2
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

import emgorder as eo
from emgorder.errors import RecordingError, SignalQualityError
from emgorder.io.neurokit import COLUMNS
from emgorder.model import Channel, Recording

RATE = 1000.0


def bursts(rows: int = 5000, *, delay_s: float = 0.0) -> Recording:
    """Return two muscles that rest and work in turn, a second each."""
    work = np.where(np.arange(rows) // 1000 % 2, 60e-6, 2e-6)[:, None]
    data = np.random.default_rng(1).normal(size=(rows, 2)) * work
    return Recording(data, RATE, (Channel("GMAX_R", "GMAX", "R", delay_s=delay_s), Channel("BF_R", "BF", "R")))


class Result:
    """Lifts as a result of an analysis tells them."""

    def __init__(self, rows: list[tuple[str, float, float, float]]) -> None:
        self.lifts = pd.DataFrame(rows, columns=["channel", "onset_s", "offset_s", "hold_stop_s"])


def test_each_channel_is_the_table_that_neurokit_itself_makes() -> None:
    recording = bursts()
    table = recording.to_neurokit()
    assert table.attrs["sampling_rate"] == RATE
    assert list(dict.fromkeys(table.columns.get_level_values(0))) == ["GMAX_R", "BF_R"]
    for label in ("GMAX_R", "BF_R"):
        own, _ = neurokit2.emg_process(recording.channel(label), sampling_rate=RATE)
        pd.testing.assert_frame_equal(table[label], own[list(COLUMNS)], check_dtype=False)


def test_neurokit_plots_and_analyses_it() -> None:
    table = bursts().to_neurokit()["GMAX_R"]
    with mpl.rc_context({"backend": "agg"}):
        neurokit2.emg_plot(table, {"sampling_rate": RATE})
        figure = plt.gcf()
        assert len(figure.axes) == 2
        plt.close(figure)
    epochs = neurokit2.epochs_create(table, events=[900, 2900], sampling_rate=RATE, epochs_end=1)
    related = neurokit2.emg_eventrelated(epochs)
    assert related["EMG_Activation"].tolist() == [1, 1]
    whole = neurokit2.emg_analyze(table, sampling_rate=RATE, method="interval-related")
    assert whole["EMG_Activation_N"].item() >= 2


def test_the_onsets_of_a_result_are_marked_at_their_samples_and_plotted() -> None:
    result = Result(
        [
            ("GMAX_R", 1.0, 1.95, 2.0),
            ("GMAX_R", 3.0, np.nan, 4.0),
            ("GMAX_R", np.nan, np.nan, 5.5),
            ("BF_R", 4.0, 4.9, 5.0),
        ]
    )
    table = bursts(delay_s=0.01).to_neurokit(result)
    glute = table["GMAX_R"]
    assert np.flatnonzero(glute["EMG_Onsets"]).tolist() == [1010, 3010]
    assert np.flatnonzero(glute["EMG_Offsets"]).tolist() == [1960, 4010]
    assert np.flatnonzero(glute["EMG_Activity"]).tolist() == [*range(1010, 1960), *range(3010, 4010)]
    assert np.flatnonzero(table["BF_R"]["EMG_Onsets"]).tolist() == [4000]
    epochs = neurokit2.epochs_create(glute, events=[900, 2900, 3990], sampling_rate=RATE, epochs_end=1)
    assert neurokit2.emg_eventrelated(epochs)["EMG_Activation"].tolist() == [1, 1, 0]
    with mpl.rc_context({"backend": "agg"}):
        neurokit2.emg_plot(glute, {"sampling_rate": RATE})
        plt.close("all")


def test_the_onsets_of_a_real_analysis_are_those_of_its_table() -> None:
    session = eo.simulate_session(seed=3, n_lifts=3)
    result = eo.analyse(session)
    table = session.to_neurokit(result)
    for label in ("GMAX_R", "BF_R"):
        lifts = result.lifts[result.lifts["channel"] == label]
        expected = [round(t * session.sampling_frequency) for t in lifts["onset_s"] if np.isfinite(t)]
        assert np.flatnonzero(table[label]["EMG_Onsets"]).tolist() == expected
        assert expected


def test_lost_samples_stay_lost_in_the_raw_column_and_are_bridged_in_the_others() -> None:
    recording = bursts()
    recording.data[2500:2600, 0] = np.nan
    table = recording.to_neurokit()["GMAX_R"]
    assert np.flatnonzero(table["EMG_Raw"].isna()).tolist() == list(range(2500, 2600))
    assert table.drop(columns="EMG_Raw").notna().all(axis=None)
    epochs = neurokit2.epochs_create(table, events=[1500], sampling_rate=RATE, epochs_end=2)
    assert np.isfinite(neurokit2.emg_eventrelated(epochs)["EMG_Amplitude_Max"]).all()


@pytest.mark.parametrize("value", [0.0, 5e-6, np.nan])
def test_a_silent_channel_has_no_activity(value: float) -> None:
    table = Recording(np.full((500, 1), value), RATE, (Channel("x"),)).to_neurokit()["x"]
    assert list(table.columns) == list(COLUMNS)
    assert not table[["EMG_Activity", "EMG_Onsets", "EMG_Offsets"]].any(axis=None)


def test_noise_without_bursts_is_no_error() -> None:
    data = np.random.default_rng(2).normal(size=(60, 1))
    assert len(Recording(data, RATE, (Channel("x"),)).to_neurokit()) == 60


def test_an_envelope_is_taken_as_the_amplitude() -> None:
    envelope = np.abs(bursts().data[:, :1])
    table = Recording(envelope, RATE, (Channel("x", kind="envelope"),)).to_neurokit()["x"]
    np.testing.assert_array_equal(table["EMG_Amplitude"], envelope[:, 0])


def test_what_neurokit_cannot_take_is_refused_with_the_remedy() -> None:
    with pytest.raises(SignalQualityError, match=r"200 Hz cannot carry: record at 500 Hz or more, or use to_frame\(\)"):
        Recording(np.zeros((500, 1)), 200.0, (Channel("x"),)).to_neurokit()
    with pytest.raises(RecordingError, match="10 samples: NeuroKit2's filters need 40"):
        Recording(np.zeros((10, 1)), RATE, (Channel("x"),)).to_neurokit()


def test_a_recording_without_channels_is_an_empty_table() -> None:
    assert Recording(np.empty((100, 0)), RATE, ()).to_neurokit().shape == (100, 0)


def test_an_infinite_sample_is_refused_with_its_place() -> None:
    data = np.random.default_rng(1).normal(size=(1000, 2))
    data[700, 1] = -np.inf
    with pytest.raises(RecordingError, match="column BF_R: sample 700 is -inf"):
        Recording(data, 1000.0, (Channel("GMAX_R"), Channel("BF_R"))).to_neurokit()
