"""A journal gives back what was written, and after any damage all that is whole."""

from __future__ import annotations

import os
import struct
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgorder.errors import RecordingError
from emgorder.io.journal import JournalWriter, Record, iter_journal, read_journal
from emgorder.io.journal_frames import MAGIC, MARKER, encode_frame

HEADER = {"sensors": {"left": {"key": "emgo1"}}, "started_utc": "2025-05-01T09:30:00+00:00"}
RECORDS = [
    Record("event", "left", 0.5, b'{"kind":"up","requested":false,"text":""}'),
    Record("packet", "left", 1.0, b"first packet"),
    Record("mark", "", 1.5, b'{"trial_type":"cue/R","text":"lift now"}'),
    Record("packet", "right", 1.75, bytes(range(256))),
    Record("segment", "left", 2.0, b'{"reason":"reboot","seconds":0.0,"refit":true,"text":""}'),
    Record("packet", "left", 2.5, b"last packet"),
]


def write(path: Path, records: list[Record], *, end: bool = True, header: dict[str, Any] = HEADER) -> bytes:
    """Write a journal and return its bytes; without `end` as if its recorder had been killed after the last record."""
    writer = JournalWriter(path, header)
    for record in records:
        said = record.content()
        if record.kind == "packet":
            writer.packet(record.sensor, record.t_host_s, record.data)
        elif record.kind == "event":
            writer.event(record.sensor, record.t_host_s, said["kind"], said["text"], requested=said["requested"])
        elif record.kind == "mark":
            writer.mark(record.t_host_s, said["trial_type"], said["text"])
        else:
            writer.segment(record.t_host_s, said.pop("reason"), sensor=record.sensor, **said)
    whole = writer.n_bytes
    writer.close()
    return path.read_bytes() if end else path.read_bytes()[:whole]


def reread(data: bytes) -> Any:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.emgj"
        path.write_bytes(data)
        return read_journal(path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the bytes of an ended journal of RECORDS."""
    return write(tmp_path_factory.mktemp("journal") / "x.emgj", RECORDS)


def offsets(data: bytes) -> list[int]:
    """Return where frames begin, by adding up their lengths, and where the last ends."""
    found = [len(MAGIC)]
    while found[-1] < len(data):
        assert data[found[-1] :].startswith(MARKER)
        size = int.from_bytes(data[found[-1] + 4 : found[-1] + 8], "little")
        found.append(found[-1] + 22 + size + 4)
    return found


def test_an_ended_journal_gives_back_all_and_has_no_notes(whole: bytes) -> None:
    journal = reread(whole)
    assert journal.header == HEADER
    assert journal.records == RECORDS
    assert (journal.n_damaged, journal.torn_bytes, journal.complete, journal.notes) == (0, 0, True, ())


times = st.floats(width=64)
packets = st.tuples(st.just("packet"), st.text(max_size=40), times, st.binary(max_size=300) | st.just(MARKER * 9))
events = st.tuples(st.just("event"), st.text(max_size=9), times, st.text(max_size=20), st.text(), st.booleans())
marks = st.tuples(st.just("mark"), times, st.text(max_size=20), st.text())
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda v: st.lists(v, max_size=3),
)


@given(
    st.lists(packets | events | marks, max_size=30),
    st.dictionaries(st.text(max_size=9), json_values, max_size=5),
)
@settings(deadline=None, max_examples=60)
def test_records_come_back_bit_for_bit(items: list[Any], header: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.emgj"
        with JournalWriter(path, header) as writer:
            for kind, *values in items:
                if kind == "packet":
                    writer.packet(*values)
                elif kind == "event":
                    writer.event(*values[:4], requested=values[4])
                else:
                    writer.mark(*values)
        journal = read_journal(path)
        streamed = list(iter_journal(path))
    assert journal.header == header
    assert repr(streamed) == repr(journal.records)
    assert len(journal.records) == len(items)
    for record, (kind, *values) in zip(journal.records, items, strict=True):
        t_host_s = values[0] if kind == "mark" else values[1]
        assert struct.pack("<d", record.t_host_s) == struct.pack("<d", t_host_s)
        assert record.kind == kind
        if kind == "packet":
            assert (record.sensor, record.data) == (values[0], values[2])
        elif kind == "event":
            assert record.sensor == values[0]
            assert record.content() == {"kind": values[2], "text": values[3], "requested": values[4]}
        else:
            assert record.content() == {"trial_type": values[1], "text": values[2]}
    assert journal.notes == ()


def test_a_tail_torn_at_any_byte_of_the_last_record_costs_that_record_alone(tmp_path: Path) -> None:
    data = write(tmp_path / "x.emgj", RECORDS, end=False)
    start, end = offsets(data)[-2:]
    assert end == len(data)
    for cut in range(start, end):
        journal = reread(data[:cut])
        assert journal.records == RECORDS[:-1]
        assert journal.torn_bytes == cut - start
        assert journal.n_damaged == 0
        assert not journal.complete
        assert any(str(cut - start) in note for note in journal.notes) == (cut > start)


def test_a_file_torn_inside_its_first_header_is_refused_and_says_so(whole: bytes) -> None:
    second = offsets(whole)[1]
    for cut in range(0, second, 7):
        with pytest.raises(RecordingError, match="holds no record"):
            reread(whole[:cut])
    for cut in range(second, offsets(whole)[2], 7):
        assert reread(whole[:cut]).header == HEADER


@given(st.data())
@settings(deadline=None, max_examples=300)
def test_a_flipped_bit_costs_at_most_the_record_it_hits(whole: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, 8 * len(whole) - 1))
    damaged = bytearray(whole)
    damaged[place // 8] ^= 1 << (place % 8)
    journal = reread(bytes(damaged))
    assert journal.header == HEADER
    starts = offsets(whole)
    hit = next((n for n in range(len(starts) - 1) if starts[n] <= place // 8 < starts[n + 1]), None)
    lost = None if hit is None or not 2 <= hit < 2 + len(RECORDS) else hit - 2
    assert journal.records == [record for n, record in enumerate(RECORDS) if n != lost]
    is_end = hit == 2 + len(RECORDS)
    assert journal.n_damaged == (hit is not None and not is_end)
    assert (journal.torn_bytes > 0) == is_end
    assert journal.complete != is_end


@given(st.data())
@settings(deadline=None, max_examples=150)
def test_bytes_overwritten_anywhere_never_make_up_a_record(whole: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(offsets(whole)[2], len(whole) - 1))
    rubbish = data.draw(st.binary(min_size=1, max_size=200))
    damaged = whole[:start] + rubbish + whole[start + len(rubbish) :]
    journal = reread(damaged)
    left = iter(RECORDS)
    assert all(record in left for record in journal.records), "records are some of those written, in their order"
    touched = len(RECORDS) - len(journal.records)
    starts = offsets(whole)
    hit = [s for s, e in pairwise(starts) if s < start + len(rubbish) and e > start]
    assert touched <= len(hit)


@given(st.binary(max_size=400), st.booleans())
@settings(deadline=None)
def test_arbitrary_bytes_are_no_journal_or_hold_no_record(data: bytes, magic: bool) -> None:
    with pytest.raises(RecordingError, match="holds no record"):
        reread((MAGIC if magic else b"") + data)


def test_a_frame_inside_a_damaged_packet_is_not_taken_for_a_record(tmp_path: Path) -> None:
    smuggled = [encode_frame("packet", "x", 9.0, b"smuggled", sequence) for sequence in (0, 1, 2)]
    records = [*RECORDS, Record("packet", "left", 3.0, b"".join(smuggled)), RECORDS[1]]
    data = bytearray(write(tmp_path / "x.emgj", records))
    data[offsets(bytes(data))[2 + len(RECORDS)] + 10] ^= 1
    journal = reread(bytes(data))
    assert journal.records == [*RECORDS, RECORDS[1]]
    assert journal.n_damaged == 1


@pytest.mark.parametrize("next_at", [*range((1 << 18) - 6, (1 << 18) + 6), 1 << 20])  # read 1 << 18 bytes at once
def test_the_next_record_is_found_after_any_length_of_rubbish(whole: bytes, next_at: int) -> None:
    between = offsets(whole)[4]
    journal = reread(whole[:between].ljust(next_at, b"\0") + whole[between:])
    assert journal.records == RECORDS


def test_hostile_sizes_are_bounded(whole: bytes) -> None:
    fakes = b"".join(
        struct.pack("<4sIIBBd", MARKER, size, 100 + n, kind, 3, 0.0)
        for n, (size, kind) in enumerate([(0xFFFFFFFF, 1), (1 << 30, 0), ((1 << 16) + 1, 1), (1, 1), (60000, 77)] * 20)
    )
    end = offsets(whole)[-2]
    tracemalloc.start()
    journal = reread(whole[:end] + fakes + whole[end:])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert journal.records == RECORDS
    assert journal.complete
    assert peak < 8 << 20


def test_a_valid_checksum_around_nonsense_is_damage_and_no_crash(whole: bytes) -> None:
    end = offsets(whole)[-2]
    n = 2 + len(RECORDS)
    nonsense = encode_frame("mark", "", 5.0, b"[1, 2", n) + encode_frame("event", "", 5.0, b"[]", n + 1)
    deep = encode_frame("segment", "", 5.0, b"[" * 60000, n + 2)
    journal = reread(whole[:end] + nonsense + deep + encode_frame("packet", "left", 6.0, b"after", n + 3))
    assert journal.records == [*RECORDS, Record("packet", "left", 6.0, b"after")]
    assert journal.n_damaged == 3


def test_when_header_and_copy_are_damaged_records_still_come_with_a_note(whole: bytes) -> None:
    damaged = bytearray(whole)
    for start in offsets(whole)[:2]:
        damaged[start + 30] ^= 1
    journal = reread(bytes(damaged))
    assert journal.header == {}
    assert journal.records == RECORDS
    assert any("header is damaged" in note for note in journal.notes)


def test_a_journal_of_a_newer_program_is_refused_with_the_remedy() -> None:
    newer = MAGIC + encode_frame("header", "", 0.0, b'{"emgj":2,"header":{}}', 0)
    with pytest.raises(RecordingError, match=r"newer emgorder.*pip install --upgrade"):
        reread(newer)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"nowhere\.emgj: no such file"):
        read_journal(tmp_path / "nowhere.emgj")


def test_a_second_recorder_on_the_file_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "x.emgj"
    with JournalWriter(path, HEADER) as first:
        first.packet("left", 1.0, b"before")
        with pytest.raises(RecordingError, match="another recorder is writing this file"):
            JournalWriter(path, {})
        first.packet("left", 2.0, b"after")
    assert [record.data for record in read_journal(path).records] == [b"before", b"after"]


def test_a_recording_is_never_written_over(tmp_path: Path) -> None:
    before = write(tmp_path / "x.emgj", RECORDS)
    with pytest.raises(RecordingError, match="never written over: choose another name"):
        JournalWriter(tmp_path / "x.emgj", {})
    assert (tmp_path / "x.emgj").read_bytes() == before


def test_a_missing_folder_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no such folder: make it first"):
        JournalWriter(tmp_path / "nowhere" / "x.emgj", {})


def test_a_journal_can_be_read_while_it_is_written(tmp_path: Path) -> None:
    with JournalWriter(tmp_path / "x.emgj", HEADER) as writer:
        writer.packet("left", 1.0, b"abc")
        reader = iter_journal(tmp_path / "x.emgj")
        assert [record.data for record in reader] == [b"abc"]
        assert any("still runs" in note for note in reader.notes)
        writer.packet("left", 2.0, b"def")
        assert [record.data for record in reader] == [b"abc", b"def"]


def test_nothing_is_written_after_the_end(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path / "x.emgj", HEADER)
    writer.close()
    writer.close()
    with pytest.raises(RecordingError, match="closed"):
        writer.packet("left", 1.0, b"abc")
    assert read_journal(tmp_path / "x.emgj").complete


def test_what_does_not_fit_is_refused_and_the_journal_goes_on(tmp_path: Path) -> None:
    with JournalWriter(tmp_path / "x.emgj", HEADER) as writer:
        with pytest.raises(ValueError, match="link id has 256 bytes"):
            writer.packet("x" * 256, 1.0, b"")
        with pytest.raises(ValueError, match="packet of 65537 bytes"):
            writer.packet("", 1.0, bytes(65537))
        writer.packet("", 1.0, bytes(65536))
    journal = read_journal(tmp_path / "x.emgj")
    assert ([len(record.data) for record in journal.records], journal.notes) == ([65536], ())
    with pytest.raises(ValueError, match="header of"):
        JournalWriter(tmp_path / "y.emgj", {"x": "y" * (1 << 20)})
    assert not (tmp_path / "y.emgj").exists()


def test_memory_is_flat_while_reading(tmp_path: Path) -> None:
    with JournalWriter(tmp_path / "x.emgj", HEADER) as writer:
        for n in range(20_000):
            writer.packet("left", float(n), bytes(500))
    assert writer.n_bytes > 10 << 20
    tracemalloc.start()
    n_read = sum(1 for _ in iter_journal(tmp_path / "x.emgj"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert n_read == 20_000
    assert peak < 2 << 20


def test_sync_forces_everything_written_so_far(tmp_path: Path) -> None:
    with JournalWriter(tmp_path / "x.emgj", HEADER) as writer:
        assert writer.synced_bytes == writer.n_bytes
        writer.packet("left", 1.0, b"abc")
        assert writer.synced_bytes < writer.n_bytes
        writer.sync()
        assert writer.synced_bytes == writer.n_bytes


@pytest.fixture
def small_limit(tmp_path: Path) -> Iterator[Path]:
    """Yield a folder while this process may write no file of more than 100,000 bytes."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    yield tmp_path
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def fill(path: Path, payload: bytes) -> tuple[JournalWriter, int, RecordingError]:
    """Write packets until the system refuses."""
    writer = JournalWriter(path, HEADER)
    for n in range(1_000_000):
        try:
            writer.packet("left", float(n), n.to_bytes(4, "little") + payload)
        except RecordingError as exc:
            return writer, n, exc
    raise AssertionError("never full")


@pytest.mark.parametrize("n_payload", [1, 333, 5000])
def test_a_full_disk_stops_with_the_remedy_and_keeps_every_record(small_disk: Path, n_payload: int) -> None:
    writer, n, error = fill(small_disk / "x.emgj", bytes(n_payload))
    assert "the disk is full: free some space" in str(error)
    check_kept(writer, n, error)
    with pytest.raises(RecordingError, match="not written, the disk is full"):
        JournalWriter(small_disk / "y.emgj", {"x": "y" * 9000})
    assert [path.name for path in small_disk.iterdir()] == ["x.emgj"]


@pytest.mark.parametrize("n_payload", [1, 333, 5000])
def test_a_file_that_may_not_grow_stops_with_the_remedy_and_keeps_every_record(
    small_limit: Path, n_payload: int
) -> None:
    writer, n, error = fill(small_limit / "x.emgj", bytes(n_payload))
    assert "larger than this system allows" in str(error)
    check_kept(writer, n, error)


def check_kept(writer: JournalWriter, n: int, error: RecordingError) -> None:
    assert f"Kept: {n} records" in str(error)
    assert error.path == writer.path
    with pytest.raises(RecordingError, match="recording stopped"):
        writer.packet("left", 0.0, b"")
    writer.close()
    journal = read_journal(writer.path)
    assert [int.from_bytes(record.data[:4], "little") for record in journal.records] == list(range(n))
    assert (journal.header, journal.n_damaged, journal.torn_bytes, journal.complete) == (HEADER, 0, 0, False)


def test_when_the_disk_cannot_be_forced_recording_stops_and_says_why(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path / "x.emgj", HEADER)
    writer.packet("left", 1.0, b"abc")
    reading, writing = os.pipe()  # takes what is written and cannot be forced to disk
    assert writer._handle is not None
    os.dup2(writing, writer._handle)
    with pytest.raises(RecordingError, match="recording stopped, Invalid argument"):
        writer.sync()
    with pytest.raises(RecordingError, match="recording stopped"):
        writer.packet("left", 2.0, b"def")
    writer.close()
    os.close(reading)
    os.close(writing)
    assert [record.data for record in read_journal(tmp_path / "x.emgj").records] == [b"abc"]
