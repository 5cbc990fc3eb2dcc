"""What is written is read back exactly, and written again byte by byte."""

from __future__ import annotations

import csv
import io
import json
import math
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from emgorder.errors import EmgOrderWarning
from emgorder.io import read_recording, write_recording
from emgorder.model import Channel, FloatArray, Recording, Sync

PER_VOLT = {"V": 1.0, "mV": 1e3, "uV": 1e6, "nV": 1e9, "au": 1.0}

volts = st.floats(-10, 10).map(lambda x: 0.0 if abs(x) < 1e-30 else x) | st.just(math.nan)
names = st.text(max_size=24)
rates = st.sampled_from([200.0, 1000.0, 1111.11, 1259.259259, 2048.0, 148.1481481]) | st.floats(60, 4000)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
metas = st.dictionaries(names.map("x".__add__), json_values, max_size=4)
events_of = st.lists(
    st.fixed_dictionaries(
        {"onset": st.floats(-1, 1), "duration": st.floats(0, 10), "trial_type": st.text(max_size=20)}
    ),
    max_size=6,
)


@st.composite
def channels(draw: st.DrawFn) -> Channel:
    unit = draw(st.sampled_from(["V", "a.u."]))
    return Channel(
        draw(names),
        target_muscle=draw(st.sampled_from(["GMAX", "BF", "ST", ""])),
        side=draw(st.sampled_from(["R", "L", ""])),
        unit=unit,
        kind=draw(st.sampled_from(["raw", "envelope"])),
        delay_s=draw(st.floats(-0.1, 0.1)),
        true_rate_Hz=draw(st.just(math.nan) | st.floats(1, 59)),
        display_unit="au" if unit == "a.u." else draw(st.sampled_from(["V", "mV", "uV"])),
    )


@st.composite
def recordings(draw: st.DrawFn) -> Recording:
    described = draw(st.lists(channels(), min_size=1, max_size=3, unique_by=lambda channel: channel.label))
    shape = (draw(st.integers(2, 40)), len(described))
    events = draw(events_of)
    return Recording(
        draw(hnp.arrays(np.float64, shape, elements=volts)),
        draw(rates),
        tuple(described),
        events=pd.DataFrame(events, columns=["onset", "duration", "trial_type"]),
        clock=Sync(draw(names), draw(st.floats(-1, 1)), draw(st.floats(0, 1))),
        meta=draw(metas),
        notes=tuple(draw(st.lists(names, max_size=2, unique=True))),
    )


def read_silently(path: Path) -> Recording:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmgOrderWarning)
        return read_recording(path)


def written_numbers(path: Path, n_channels: int) -> FloatArray:
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8"), newline="")))[1:]
    return np.array([[float(cell) if cell else math.nan for cell in row[1 : 1 + n_channels]] for row in rows])


@settings(max_examples=100, deadline=None)
@given(recordings())
def test_write_read_write_gives_the_same_bytes_and_the_written_numbers(recording: Recording) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "session.csv"
        write_recording(recording, path)
        first = path.read_bytes()
        again = read_silently(path)

        divisors = [PER_VOLT[channel.display_unit] for channel in recording.channels]
        np.testing.assert_array_equal(again.data, written_numbers(path, len(divisors)) / divisors)
        np.testing.assert_allclose(again.data, recording.data, rtol=1e-9, atol=0)

        assert again.sampling_frequency == recording.sampling_frequency
        assert again.clock == recording.clock
        assert again.events.to_dict("records") == recording.events.to_dict("records")
        assert {k: v for k, v in again.meta.items() if k != "Channels"} == dict(recording.meta)
        assert again.notes[: len(recording.notes)] == recording.notes
        for channel, was in zip(again.channels, recording.channels, strict=True):
            assert (channel.target_muscle, channel.side) == (was.target_muscle, was.side)
            assert (channel.unit, channel.kind, channel.delay_s) == (was.unit, was.kind, was.delay_s)
            assert channel.display_unit == was.display_unit
            np.testing.assert_equal(channel.true_rate_Hz, was.true_rate_Hz)

        write_recording(again, path)
        assert path.read_bytes() == first
        write_recording(read_silently(path), path)
        assert path.read_bytes() == first


@settings(max_examples=30, deadline=None)
@given(recordings())
def test_the_sidecar_settles_after_one_round_trip(recording: Recording) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "session.csv"
        write_recording(read_silently(write_recording(recording, path)[0]), path)
        sidecar = path.with_suffix(".json")
        first = sidecar.read_bytes()
        write_recording(read_silently(path), path)
        assert json.loads(sidecar.read_bytes()) == json.loads(first)


@settings(max_examples=30, deadline=None)
@given(st.integers(200, 400), rates, st.integers(0, 2**32 - 1))
def test_a_csv_whose_sidecar_is_lost_keeps_samples_and_rate(n_samples: int, rate_Hz: float, seed: int) -> None:
    data = np.random.default_rng(seed).normal(0, 50e-6, (n_samples, 2))
    recording = Recording(data, rate_Hz, (Channel("GMAX_R", "GMAX", "R"), Channel("BF_R", "BF", "R")))
    with tempfile.TemporaryDirectory() as folder:
        path, sidecar = write_recording(recording, Path(folder) / "session.csv")
        with_sidecar = read_recording(path)
        sidecar.unlink()
        bare = read_recording(path)
    np.testing.assert_array_equal(bare.data, with_sidecar.data)
    assert bare.channels == with_sidecar.channels
    assert bare.sampling_frequency == pytest.approx(rate_Hz, rel=1e-6)


def test_a_million_rows_go_there_and_back(tmp_path: Path) -> None:
    data = np.random.default_rng(1).normal(0, 50e-6, (1_000_000, 2)).round(8)
    data[500_000:500_010] = np.nan
    recording = Recording(data, 2000.0, (Channel("GMAX_R", "GMAX", "R"), Channel("BF_R", "BF", "R")))
    again = read_recording(write_recording(recording, tmp_path / "long.csv")[0])
    np.testing.assert_allclose(again.data, data, rtol=1e-9, atol=0)
    assert again.sampling_frequency == 2000.0
    assert again.notes == (
        "long.csv, row 500002, column GMAX_R_uV: a lost sample (empty or unreadable cell) (19 more like this)",
    )
