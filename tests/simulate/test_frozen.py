"""The generator is frozen: published figures quote its seeds.

If one of these tests fails because the generator was meant to change, raise ``GENERATOR_VERSION``, put the new numbers
here, run ``datasets/make_datasets.py`` and repeat every benchmark that quotes a seed.
"""

from __future__ import annotations

import numpy as np
import pytest

from emgorder.simulate import (
    CARRIERS,
    GENERATOR_VERSION,
    SHAPES,
    Artefacts,
    Baseline,
    Carrier,
    TwoSensors,
    simulate_burst,
    simulate_session,
)

TOLERANCE = 1e-6  # libraries differ in the last digits


def fingerprint(x: np.ndarray) -> list[float]:
    """Return RMS, mean absolute value and two weighted sums of a signal in µV: each sample counts."""
    microvolts = np.nan_to_num(x) * 1e6
    turn = np.arange(microvolts.size) * (np.sqrt(5.0) - 1.0) * np.pi
    return [
        float(np.sqrt(np.mean(microvolts**2))),
        float(np.mean(np.abs(microvolts))),
        float(np.sqrt(np.mean((microvolts * np.cos(turn) ** 2) ** 2))),
        float(np.mean(np.abs(microvolts) * np.sin(turn) ** 2)),
    ]


def test_the_version_is_the_one_these_numbers_belong_to():
    assert GENERATOR_VERSION == "1"


BURSTS = {
    ("gaussian", "linear"): [1.52402186, 20.2163117, 15.96494, 12.3075369, 8.04108824],
    ("gaussian", "cosine"): [1.52402186, 20.2503704, 15.97687, 12.3355518, 8.04445754],
    ("gaussian", "exponential"): [1.52402186, 20.2905671, 15.9884267, 12.362747, 8.04807504],
    ("gaussian", "variance"): [1.52402186, 20.259531, 15.9763467, 12.3384799, 8.04495377],
    ("gaussian", "two_stage"): [1.52402186, 20.150956, 15.9412667, 12.2543921, 8.03461494],
    ("modulated", "linear"): [1.52402186, 20.0384048, 15.4275033, 12.205449, 7.760727],
    ("modulated", "cosine"): [1.52402186, 20.07701, 15.4385167, 12.2381164, 7.76449916],
    ("modulated", "exponential"): [1.52402186, 20.1646471, 15.4946467, 12.3095774, 7.78877029],
    ("modulated", "variance"): [1.52402186, 20.1151263, 15.4708467, 12.267997, 7.77907552],
    ("modulated", "two_stage"): [1.52402186, 19.9512554, 15.3851767, 12.1309611, 7.74979498],
    ("motor_units", "linear"): [1.52402186, 21.0722322, 16.12575, 13.0859646, 8.02764237],
    ("motor_units", "cosine"): [1.52402186, 21.154772, 16.31097, 13.2681784, 8.09779254],
    ("motor_units", "exponential"): [1.52402186, 21.553388, 16.42759, 13.4768995, 8.16450363],
    ("motor_units", "variance"): [1.52402186, 20.5062628, 15.8376967, 12.5679684, 7.92469124],
    ("motor_units", "two_stage"): [1.52402186, 20.7108868, 15.97879, 12.7435644, 7.97727409],
}


@pytest.mark.parametrize(("kind", "shape"), [(kind, shape) for kind in CARRIERS for shape in SHAPES])
def test_bursts_are_frozen(kind, shape):
    burst = simulate_burst(
        20,
        snr_dB=12.0,
        ramp_s=0.08,
        shape=shape,
        carrier=Carrier(kind=kind),
        baseline=Baseline(wander_dB=2.0, strays_per_s=2.0, tension_dB=-3.0),
        artefacts=Artefacts(
            mains_ratio=0.5, ecg_ratio=3.0, movement_ratio=4.0, drift_ratio=2.0, lost_share=0.05, resolution_V=1e-8
        ),
    )
    assert [burst.onset_s, *fingerprint(burst.signal)] == pytest.approx(BURSTS[kind, shape], rel=TOLERANCE)


SESSIONS = {
    "plain": [
        139037.0,
        1382.34914,
        1303.66503,
        1368.3905,
        2.91201597,
        276.896614,
        0.489256737,
        16.9087198,
        10.5663087,
        10.412346,
        5.2694551,
        22.45559,
        12.2104483,
        13.7555049,
        6.10680739,
    ],
    "medial": [
        41912.0,
        493.019265,
        507.257057,
        547.421572,
        1.3736994,
        239.171733,
        1.43355404,
        17.147915,
        10.7302913,
        10.5454625,
        5.33832516,
        49.2741577,
        21.03691,
        30.1449877,
        10.5137678,
    ],
    "everything": [
        247086.0,
        7308.60162,
        4640.69325,
        4724.65899,
        1.9548288,
        387.559644,
        -4.56938994,
        26.1387618,
        14.2087636,
        15.9989148,
        7.10058006,
        30.3118556,
        13.0164024,
        18.4789907,
        6.51179125,
        35.0978074,
        17.5113279,
        21.4193397,
        8.76175624,
        32.3867924,
        15.5068143,
        19.7442106,
        7.76309172,
    ],
}

OPTIONS = {
    "plain": {},
    "medial": {"scenario": "straight_knee_medial", "n_lifts": 6, "sampling_frequency": 500.0},
    "everything": {
        "scenario": "knee_flexed_rotated",
        "n_lifts": 6,
        "sides": ("R", "L"),
        "crosstalk": (0.1, 0.05),
        "sensors": TwoSensors(offset_s=0.01, drift_ppm=20.0),
        "false_start_share": 0.2,
        "extras": ("tap", "contact", "mvc", "practice"),
        "rest_s": 3.0,
        "artefacts": Artefacts(mains_ratio=1.0, ecg_ratio=4.0, lost_share=0.02),
    },
}


@pytest.mark.parametrize("name", OPTIONS)
def test_sessions_are_frozen(name):
    recording = simulate_session(seed=31, **OPTIONS[name])
    truth = recording.truth
    numbers = [
        float(recording.n_samples),
        float(recording.events["onset"].sum()),
        *truth[["onset_s", "offset_s", "ramp_s", "snr_dB", "session_difference_s"]].sum().tolist(),
        *(value for column in recording.data.T for value in fingerprint(column)),
    ]
    assert numbers == pytest.approx(SESSIONS[name], rel=TOLERANCE)
