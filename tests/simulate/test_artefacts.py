"""Artefacts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from emgorder.errors import SettingsError
from emgorder.simulate.artefacts import Artefacts, digitised, disturbances, lost_samples, tap_signal
from emgorder.simulate.sampling import SampleTimes

SAMPLES = SampleTimes(60_000, 1000.0)


def test_nothing_asked_for_adds_nothing():
    assert not disturbances(1, "BF_R", SAMPLES, Artefacts(), movements_s=(3.0,)).any()


@pytest.mark.parametrize("mains_Hz", [50.0, 60.0])
def test_mains_is_a_line_with_harmonics_of_the_rms_asked_for(mains_Hz):
    hum = disturbances(1, "BF_R", SAMPLES, Artefacts(mains_ratio=2.0, mains_Hz=mains_Hz))
    assert np.sqrt(np.mean(hum**2)) == pytest.approx(2.0, rel=0.1)
    frequency_Hz, power = signal.welch(hum, 1000.0, nperseg=4000)
    lines = sum(power[np.abs(frequency_Hz - k * mains_Hz) < 1.5].sum() for k in (1, 2, 3, 5))
    assert lines > 0.99 * power.sum()
    assert frequency_Hz[np.argmax(power)] == pytest.approx(mains_Hz, abs=0.5)


def test_mains_above_half_the_sampling_frequency_is_kept_out():
    hum = disturbances(1, "BF_R", SampleTimes(5000, 90.0), Artefacts(mains_ratio=2.0))
    assert not hum.any()


def test_every_channel_sees_the_same_heart():
    a, b = (disturbances(1, channel, SAMPLES, Artefacts(ecg_ratio=5.0)) for channel in ("BF_R", "GMAX_L"))
    assert abs(np.corrcoef(a, b)[0, 1]) > 0.999
    assert 3.0 < np.abs(a).max() < 6.0
    beats, _ = signal.find_peaks(np.abs(a), height=0.6 * np.abs(a).max(), distance=300)
    assert 55 < beats.size < 85  # in a minute


def test_movement_is_slow_and_around_the_moment_of_movement():
    bump = disturbances(1, "BF_R", SAMPLES, Artefacts(movement_ratio=10.0), movements_s=(30.0,))
    moved_s = np.flatnonzero(np.abs(bump) > 0.1) / 1000.0
    assert 29.5 < moved_s.min() < 30.0 < moved_s.max() < 31.0
    frequency_Hz, power = signal.periodogram(bump, 1000.0)
    assert power[frequency_Hz > 15.0].sum() < 0.01 * power.sum()


def test_drift_is_slow_and_of_the_size_asked_for():
    drift = disturbances(1, "BF_R", SAMPLES, Artefacts(drift_ratio=4.0))
    assert np.sqrt(np.mean(drift**2)) == pytest.approx(4.0, rel=0.4)
    assert np.abs(np.diff(drift)).max() < 0.1


def test_one_artefact_does_not_change_another():
    both = disturbances(1, "BF_R", SAMPLES, Artefacts(mains_ratio=1.0, ecg_ratio=3.0))
    alone = [disturbances(1, "BF_R", SAMPLES, a) for a in (Artefacts(mains_ratio=1.0), Artefacts(ecg_ratio=3.0))]
    np.testing.assert_allclose(both, alone[0] + alone[1], atol=1e-12)


@pytest.mark.parametrize("lost_share", [0.01, 0.1, 0.5])
def test_packets_are_lost_whole_and_in_runs(lost_share):
    lost = lost_samples(1, "device", 400_000, 1000.0, Artefacts(lost_share=lost_share, packet_s=0.025))
    assert lost.mean() == pytest.approx(lost_share, rel=0.35)
    packets = lost.reshape(-1, 25)
    assert np.all(packets.all(axis=1) | ~packets.any(axis=1))
    edges = np.flatnonzero(np.diff(packets[:, 0].astype(int)))
    assert packets[:, 0].sum() / (edges.size / 2) == pytest.approx(2.5, abs=0.8)


def test_sensors_lose_packets_independently():
    artefacts = Artefacts(lost_share=0.1)
    a, b = (lost_samples(1, sensor, 100_000, 1000.0, artefacts) for sensor in ("glute sensor", "hamstring sensor"))
    assert (a & b).mean() < 0.03


def test_a_converter_rounds_and_clips():
    x = np.linspace(-2e-3, 2e-3, 1001)
    y = digitised(x, Artefacts(resolution_V=1e-5, full_scale_V=1e-3))
    assert np.abs(y).max() == pytest.approx(1e-3)
    inside = np.abs(x) < 1e-3
    assert np.abs(y - x)[inside].max() <= 0.5e-5 * (1 + 1e-9)
    np.testing.assert_allclose(y / 1e-5, np.rint(y / 1e-5), atol=1e-9)


def test_taps_reach_two_sensors_nearly_at_once():
    taps_s = tuple(np.arange(1.0, 50.0))
    first = {}
    for sensor in ("glute sensor", "hamstring sensor"):
        x = tap_signal(1, sensor, SAMPLES, taps_s, 0.002)
        first[sensor] = np.array([np.argmax(np.abs(x[int((t - 0.5) * 1000) :]) > 1e-4) / 1000 - 0.5 for t in taps_s])
    gap_s = first["glute sensor"] - first["hamstring sensor"]
    assert gap_s.std() == pytest.approx(0.002 * np.sqrt(2), rel=0.3)


@pytest.mark.parametrize(
    "wrong",
    [{"mains_ratio": -1.0}, {"mains_Hz": 400.0}, {"lost_share": 1.0}, {"packet_s": 0.0}, {"full_scale_V": 0.0}],
)
def test_impossible_artefacts_are_refused(wrong):
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        Artefacts(**wrong)
