"""The firmware notes say what the code does, look alike, and link to what exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emgorder.acquisition import session
from emgorder.sensors import emgo1_control, sensors
from scripts import notes_figures
from scripts.firmware_notes import DEVICE_PAGES, NOTES, main, pages, rendered
from scripts.firmware_vectors import vectors

HEADINGS = [
    "What it measures and its analog path",
    "Bluetooth services",
    "Commands",
    "Packet layout",
    "Rate and counters",
    "Timing and what it means for the verdict",
    "Quirks",
    "Setting it up for glute and hamstring",
    "Sources",
]
KNOWN = {"by design", "read", "inferred", "from memory", "unknown"}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Named on a page and used by nothing: each page says what it is.
NOT_USED = {
    "ganglion": {"2d30c084-f39f-4ce6-923f-3484ea480596"},
    "umyo": {"fc7a850d-c1a5-f61f-0da7-9995621fbd02"},
    "gforce": {"f000ffd0-0451-4000-b000-000000000000"},
}
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
PAGES = [path.name for path in pages()]


def text_of(page: str) -> str:
    return (NOTES / page).read_text(encoding="utf-8")


def headings(text: str, level: int = 2) -> list[str]:
    return re.findall(rf"^{'#' * level} (.+)$", text, re.MULTILINE)


def section(text: str, heading: str) -> str:
    return text.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def slugs(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES)
def test_the_generated_blocks_of_a_page_are_current(page: str) -> None:
    text = text_of(page)
    assert text.count("<!-- generated: ") == text.count("<!-- end -->")
    assert rendered(text) == text, "run python scripts/firmware_notes.py"


def test_the_script_finds_nothing_to_write(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0
    assert capsys.readouterr().out == "old: none\n"


def test_a_block_that_was_changed_by_hand_is_made_anew() -> None:
    text = text_of("myo.md")
    changed = text.replace("| rate | 200 Hz", "| rate | 210 Hz")
    assert changed != text
    assert rendered(changed) == text


def test_every_sensor_has_a_page_and_the_index_names_all_pages() -> None:
    assert {key for keys in DEVICE_PAGES.values() for key in keys} == set(sensors())
    index = text_of("README.md")
    assert {page for page in PAGES if page != "README.md"} <= set(LINK.findall(index))


@pytest.mark.parametrize("page", DEVICE_PAGES)
def test_the_pages_of_devices_have_the_same_structure(page: str) -> None:
    text = text_of(f"{page}.md")
    assert headings(text) == HEADINGS
    assert all(section(text, heading).strip() for heading in HEADINGS)
    assert len(headings(text, 1)) == 1


@pytest.mark.parametrize("page", DEVICE_PAGES)
def test_what_is_said_of_an_analog_path_says_how_it_is_known(page: str) -> None:
    table = section(text_of(f"{page}.md"), HEADINGS[0])
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("|")]
    assert rows[0] == ["property", "value", "how we know"]
    assert {row[2] for row in rows[2:]} <= KNOWN
    told = [row[0] for row in rows[2:]]
    assert [
        p for p in told if p in ("signal", "band", "gain", "delay", "converter", "channels one after the other")
    ] == [
        "signal",
        "band",
        "gain",
        "delay",
        "converter",
        "channels one after the other",
    ]


@pytest.mark.parametrize(("page", "keys"), DEVICE_PAGES.items())
def test_a_page_shows_services_commands_rate_and_every_vector_of_its_sensors(page: str, keys: tuple[str, ...]) -> None:
    text = text_of(f"{page}.md")
    assert f"<!-- generated: services {keys[0]} -->" in section(text, "Bluetooth services")
    assert f"<!-- generated: commands {keys[0]} -->" in section(text, "Commands")
    assert f"<!-- generated: timing {keys[0]} -->" in section(text, "Rate and counters")
    for key in keys:
        shown = set(re.findall(rf"<!-- generated: example {key} (\w+) -->", text))
        assert shown | {"start", "stop", "ping"} >= set(vectors(key))
        assert shown <= set(vectors(key))


@pytest.mark.parametrize(("page", "keys"), DEVICE_PAGES.items())
def test_a_page_names_no_uuid_that_its_sensors_do_not_have(page: str, keys: tuple[str, ...]) -> None:
    known = set(NOT_USED.get(page, ()))
    for key in keys:
        kind = sensors()[key]
        known |= {kind.service, kind.notify, *kind.notify_also, *filter(None, (kind.battery, kind.firmware))}
        known |= {write.characteristic for write in (*kind.start, *kind.stop)}
    if page == "emgo1":
        known |= {emgo1_control.CTRL, emgo1_control.SYNC, emgo1_control.INFO, emgo1_control.STATUS}
    found = set(UUID.findall(text_of(f"{page}.md")))
    assert found <= known
    assert {sensors()[key].service for key in keys} <= found


def test_numbers_that_the_notes_repeat_are_those_of_the_core_and_the_recorder() -> None:
    core = NOTES / "emgo1" / "core" / "src"
    if not core.exists():
        pytest.skip("the firmware is no part of this copy")
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted(core.iterdir()))
    ring, reserve, frames, longest, half_wave = (
        int(re.findall(rf"\b{name} (?:= )?(\d+)", source)[0])
        for name in (
            "EMGO1_RING_FRAMES",
            "EMGO1_RING_RESERVE",
            "EMGO1_FRAMES",
            "EMGO1_PACKET_BYTES",
            "TEST_HALF_PERIOD",
        )
    )
    readme = text_of("emgo1/README.md")
    assert (ring - reserve) / ring == 0.75
    assert f"three quarters full ({ring - reserve} ms at 1 kHz)" in readme
    assert f"A packet has {frames} frames" in readme
    assert f"changes sign every {half_wave} conversions" in readme
    assert f"ring of {ring} frames" in text_of("emgo1/figures.md")
    assert f"{frames} frames of two channels with the acknowledgement are {16 + 4 * frames} bytes" in text_of(
        "emgo1.md"
    )
    assert longest == 247 - 3
    assert session._PING_S == 2
    assert "pings every two\nseconds" in text_of("clock-synchronisation.md")


def test_operations_of_the_profile_are_those_that_the_core_and_the_decoder_know() -> None:
    table = section(text_of("emgo1.md"), "Commands")
    told = {name: (int(number, 16), int(n)) for number, name, n in re.findall(r"\| (\d\d) (\w+) \| (\d) \|", table)}
    known = {
        "SET": emgo1_control.set_sampling(1000, 3, "i16").data,
        "CONN": emgo1_control.set_connection(0.015, 0.015).data,
        "TEST": emgo1_control.set_test_signal(True).data,
        "PULSE": emgo1_control.pulse(1).data,
        "START": sensors()["emgo1"].start[0].data,
        "STOP": sensors()["emgo1"].stop[0].data,
    }
    assert told == {name: (data[0], len(data)) for name, data in known.items()}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files_and_headings_that_exist(page: str) -> None:
    for target in LINK.findall(text_of(page)):
        if target.startswith(("http://", "https://")):
            continue
        name, _, anchor = target.partition("#")
        file = NOTES / name if name else NOTES / page
        if name.startswith("emgo1/") and not (NOTES / "emgo1").exists():
            continue  # the firmware is no part of this copy
        assert file.is_file(), target
        if anchor:
            assert anchor in slugs(file.read_text(encoding="utf-8")), target


def test_figures_are_those_that_the_script_draws() -> None:
    drawn = notes_figures.figures()
    assert sorted(drawn) == sorted(path.name for path in notes_figures.IMAGES.iterdir())
    for name, svg in drawn.items():
        kept = (notes_figures.IMAGES / name).read_text(encoding="utf-8")
        assert kept == svg, "run python scripts/notes_figures.py"


def test_vectors_and_figures_are_all_that_stands_beside_the_pages() -> None:
    beside = {path.name for path in Path(NOTES).iterdir() if path.suffix != ".md"}
    assert beside - {"emgo1"} == {"vectors", "images"}
