"""Which program wrote a text file: told from its first lines, never from its name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from emgorder.io.vendor.chords import read_chords
from emgorder.io.vendor.myo import read_myo
from emgorder.io.vendor.openbci import read_openbci
from emgorder.io.vendor.opensignals import read_opensignals

if TYPE_CHECKING:
    from emgorder.io.read import Reader

__all__ = ["vendor_reader"]

_HEAD_BYTES = 4096
_CHORDS = re.compile(r"(?:#[^\n]*\n)*counter,channel1(?:,channel[0-9]+)*\s*(?:\n|$)")
_MYO = re.compile(r"timestamp(?:,emg_?[1-8]){8}(?:,[a-z_ ]+)*\s*(?:\n|$)")


def vendor_reader(path: Path) -> Reader | None:
    r"""Return what reads the text file at `path`, None where it is a plain table (or cannot be opened).

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "emg.csv"
    >>> _ = path.write_text("Counter,Channel1,Channel2\n0,512,498\n")
    >>> vendor_reader(path).__name__
    'read_chords'
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return None
    text = head.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").lower()
    first = text.lstrip().split("\n", 1)[0]
    if first.startswith("# opensignals") or (first.startswith("#") and "\n# endofheader" in text):
        return read_opensignals
    if first.startswith("%openbci"):
        return read_openbci
    compact = text.replace(" ", "").replace('"', "")
    if _CHORDS.match(compact):
        return read_chords
    if _MYO.match(compact):
        return read_myo
    return None
