"""The door: what it lets in, and what it says of the rest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from emgorder.errors import RecordingError, SettingsError
from emgorder.io import read_recording


def test_a_path_may_be_text(save: Callable[..., Path], lines: list[str]) -> None:
    assert read_recording(str(save(lines))).n_samples == 60


@pytest.mark.parametrize("name", ["session.xyz", "session", "session.csv.gz"])
def test_an_unknown_suffix_is_refused_with_the_known_ones(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("time_s,GMAX_uV\n0,1\n")
    with pytest.raises(RecordingError, match=r"give a file that ends in \.csv, \.tsv, \.txt"):
        read_recording(tmp_path / name)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no such file: check the name and the folder") as caught:
        read_recording(tmp_path / "nothing.csv")
    assert caught.value.path == tmp_path / "nothing.csv"


@pytest.mark.parametrize("name", ["folder", "folder.csv"])
def test_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(RecordingError, match="is a folder: name one file in it"):
        read_recording(tmp_path / name)


def test_a_file_that_cannot_be_opened_is_refused(
    save: Callable[..., Path], lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    path = save(lines)
    monkeypatch.setattr(Path, "read_bytes", deny)
    with pytest.raises(RecordingError, match=r"Permission denied.*check the permissions"):
        read_recording(path)


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"unit": "furlong"}, "unit"),
        ({"sampling_frequency": -1}, "sampling_frequency"),
        ({"muscles": {"quadriceps": "BF_R"}}, "muscles"),
        ({"muscles": {"GMAX": "BF_R", "BF": "BF_R"}}, "muscles"),
    ],
)
def test_an_argument_that_makes_no_sense_is_refused_with_its_name(
    save: Callable[..., Path], lines: list[str], options: dict[str, object], key: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        read_recording(save(lines), **options)  # type: ignore[arg-type]
    assert caught.value.key == key
