"""Which sensors there are, how they are found, and what they say of themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emgorder.errors import SensorNotFound, SettingsError
from emgorder.sensors import find_sensor, make_decoder, register_sensor, registry, sensors
from emgorder.simulate.packets import PROFILES

KEYS = sorted(sensors())


@pytest.mark.parametrize("key", KEYS)
def test_each_sensor_has_a_decoder_that_knows_it(key: str) -> None:
    assert sensors()[key].key == key
    assert make_decoder(key).descriptor == sensors()[key]
    assert make_decoder(key) is not make_decoder(key)


def test_each_sensor_has_an_encoder() -> None:
    assert {*PROFILES, "ganglion_2"} == set(KEYS)  # its differences are encoded by a function of their own
    for key, profile in PROFILES.items():
        assert profile.n_channels == sensors()[key].n_channels


@pytest.mark.parametrize("key", KEYS)
def test_uuids_are_whole_and_in_lower_case(key: str) -> None:
    sensor = sensors()[key]
    writes = [w.characteristic for w in (*sensor.start, *sensor.stop)]
    for uuid in [sensor.service, sensor.notify, *sensor.notify_also, *writes, *filter(None, [sensor.battery])]:
        assert uuid == uuid.lower()
        assert [len(part) for part in uuid.split("-")] == [8, 4, 4, 4, 12]


def test_what_cannot_support_a_verdict_says_so_and_numbers_no_samples() -> None:
    unfit = {key for key, sensor in sensors().items() if not sensor.order_verdict}
    assert unfit == {"myoware", "myoware_uart", "myo", "gforce"}
    for key, sensor in sensors().items():
        assert (sensor.counter_modulus is None) == (key in unfit)
        assert ("cannot support an order verdict" in sensor.caveat) == (key in unfit)


def test_known_limits_are_told_in_words() -> None:
    assert "5 ms" in sensors()["ganglion"].caveat
    assert sensors()["npg_lite"].channel_skew_s == 0.0005
    assert "0.5 ms" in sensors()["npg_lite"].caveat
    assert sensors()["umyo"].rate_tolerance_ppm == 20_000
    assert sensors()["emgo1"].caveat == ""


@pytest.mark.parametrize(
    ("name", "services", "key"),
    [
        ("EMGO-1 4f2a", [], "emgo1"),
        ("Shimmer3R-12AB", [], "shimmer3r"),
        ("NPG-Lite-6CH:aa", [], "npg_lite"),
        ("NPG-LITE", [], "npg_lite"),
        ("BiTalino BLE", [], "bitalino"),
        ("BITalino-23-4C", [], "bitalino"),
        ("Ganglion-58f3", ["fe84"], "ganglion"),
        ("Simblee", [], "ganglion"),
        ("uMyo v2", [], "umyo"),
        ("MyoWareSensor1", [], "myoware"),
        ("MyoWareSensor1", ["EC3AF789-2154-49F4-A9FC-BC6C88E9E930"], "myoware"),
        ("MyoWare", ["6E400001-B5A3-F393-E0A9-E50E24DCCA9E"], "myoware_uart"),
        ("Myo", [], "myo"),
        ("Anna's armband", ["d5060001-a904-deb9-4748-2c7f4a124842"], "myo"),
        ("gForcePro+(1b2c)", ["ffd0"], "gforce"),
        ("", ["E0A50001-6D67-4F72-B1E5-656D676F7264"], "emgo1"),
        (None, ["93375900-F229-8B49-B397-44B5899B8601"], "umyo"),
    ],
)
def test_a_sensor_is_found_by_its_name_and_service(name: str | None, services: list[str], key: str) -> None:
    found = find_sensor(name, services)
    assert found is not None
    assert found.key == key


@pytest.mark.parametrize(
    ("name", "services"),
    [
        (None, []),
        ("", []),
        ("Headphones", ["180f"]),
        ("Nordic_UART", ["6e400001-b5a3-f393-e0a9-e50e24dcca9e"]),
        (None, ["fe84", "ffd0"]),
        ("ESP32", ["4fafc201-1fb5-459e-8fcc-c5c9c331914b"]),
        ("naviGuertel", ["65333333-a115-11e2-9e9a-0800200ca100"]),
    ],
)
def test_other_devices_are_not_taken_for_sensors(name: str | None, services: list[str]) -> None:
    assert find_sensor(name, services) is None


def test_an_unknown_key_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SensorNotFound, match="emgo1, shimmer3r"):
        make_decoder("emgo2")


def test_a_sensor_of_ones_own_is_found_like_any_other_and_takes_no_other_ones_place() -> None:
    mine = replace(sensors()["npg_lite"], key="mine", title="Mine", names=("Mine",), service=f"{7:08}-0000-1000-8000-0")
    decoder = type(make_decoder("npg_lite"))
    try:
        register_sensor(mine, decoder)
        register_sensor(mine, decoder)  # a notebook's cell runs again
        assert find_sensor("mine 3") == sensors()["mine"] == mine
        assert isinstance(make_decoder("mine"), decoder)
        with pytest.raises(SettingsError, match="'mine' is Mine already"):
            register_sensor(replace(mine, title="Yours"), decoder)
    finally:
        registry._known().pop("mine", None)
