"""Settings check every value before anything is computed."""

from __future__ import annotations

import math

import pytest

from emgorder.analysis.settings import Settings
from emgorder.errors import SettingsError


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("task", "jump"),
        ("method", "magic"),
        ("rope_s", -0.001),
        ("rope_s", 30.0),
        ("rope_s", math.nan),
        ("rope_s", "30"),
        ("highpass_Hz", 10.0),
        ("lowpass_Hz", 50.0),
        ("notch", "on"),
        ("notch", 100.0),
        ("crosstalk", "yes"),
        ("hamstring", "RF"),
        ("min_rest_s", 0.0),
    ],
)
def test_a_wrong_value_is_refused_by_key_value_and_what_is_allowed(key: str, value: object) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(**{key: value})
    assert caught.value.key == key
    assert repr(value) in str(caught.value)
    assert "not one of" in str(caught.value) or "not between" in str(caught.value)


def test_gait_has_shorter_rests_than_the_leg_lift() -> None:
    assert Settings(task="cyclic").rest_s < 0.5 < Settings().rest_s
    assert Settings(task="cyclic", min_rest_s=0.4).rest_s == 0.4


def test_settings_become_plain_values() -> None:
    assert Settings(rope_s=0.02).to_dict()["rope_s"] == 0.02
