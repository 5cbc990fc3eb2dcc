"""Frames in a stream: found, lost and found again; a bounded memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from emgorder.sensors.stream import FrameStream


def stream_of_threes() -> FrameStream:
    """Frames ``7, n, n``: as weak as those of real sensors."""
    return FrameStream(3, lambda f: f[0] == 7 and f[1] == f[2], lambda a, b: (b[1] - a[1]) % 256 == 1, between=0xFF)


def frames(*numbers: int) -> bytes:
    return b"".join(bytes([7, n, n]) for n in numbers)


def test_one_frame_is_enough_where_nothing_was_wrong() -> None:
    assert stream_of_threes().push(frames(9))[0].frames == [frames(9)]


def test_a_jump_is_believed_when_three_frames_agree() -> None:
    stream = stream_of_threes()
    assert [run.frames for run in stream.push(frames(1, 2, 50, 51))] == [[frames(1), frames(2)]]
    (run,) = stream.push(frames(52))
    assert run.frames == [frames(50), frames(51), frames(52)]
    assert run.skipped == 0


def test_a_first_frame_that_the_next_contradicts_was_none() -> None:
    (run,) = stream_of_threes().push(frames(200) + frames(1, 2, 3))
    assert (run.skipped, run.frames) == (3, [frames(1), frames(2), frames(3)])


def test_bytes_that_are_no_frame_are_counted() -> None:
    (run,) = stream_of_threes().push(b"\x01\x02" + frames(4, 5, 6))
    assert (run.skipped, len(run.frames)) == (2, 3)


def test_bytes_between_frames_are_dropped_in_step_only() -> None:
    (run,) = stream_of_threes().push(b"\xff" + frames(1) + b"\xff\xff" + frames(2))
    assert (run.skipped, run.frames) == (0, [frames(1), frames(2)])


@given(st.lists(st.binary(max_size=600), max_size=20))
def test_never_more_is_held_than_three_frames(pieces: list[bytes]) -> None:
    stream = stream_of_threes()
    for piece in pieces:
        stream.push(piece)
        assert stream.n_held < 9


@given(st.lists(st.sampled_from([b"\x07", b"\x01", b"\x02", b"\x01\x01", frames(1, 2, 3)]), max_size=60))
def test_no_byte_is_lost_from_the_account(pieces: list[bytes]) -> None:
    stream, n_in, n_out = stream_of_threes(), 0, 0
    for piece in pieces:
        n_in += len(piece)
        n_out += sum(3 * len(run.frames) + run.skipped for run in stream.push(piece))
    assert n_out + stream.n_held + stream.n_skipped == n_in
