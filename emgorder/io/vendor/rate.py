"""Which rate counts: what the file's header says, what the caller says, what the sidecar says."""

from __future__ import annotations

import math
from pathlib import Path

from emgorder.errors import RecordingError
from emgorder.io.remarks import Remarks
from emgorder.io.sidecar import Sidecar

__all__ = ["vendor_rate"]

_AGREES = 0.005


def vendor_rate(header_Hz: float, given_Hz: float | None, sidecar: Sidecar, path: Path, remarks: Remarks) -> float:
    """Return the rate to read a file at: the caller's, else the header's, else the sidecar's.

    Parameters
    ----------
    header_Hz : float
        What the header says, NaN where it says nothing.
    given_Hz : float or None
        What the caller says.
    sidecar : Sidecar
        What stands beside the file.
    path : Path
        For messages.
    remarks : Remarks
        Takes what disagrees.

    Raises
    ------
    RecordingError
        Nobody says.
    """
    said = header_Hz if math.isfinite(header_Hz) else None
    rate = given_Hz or said or sidecar.sampling_frequency
    if rate is None:
        raise RecordingError(
            "the file does not tell its rate: give sampling_frequency= (command line: --sampling-frequency), as it was "
            "set in the program that recorded",
            path=path,
        )
    if given_Hz and said and abs(given_Hz / said - 1) > _AGREES:
        remarks.warn("rate given", f"the header says {said:.10g} Hz: read at {given_Hz:.10g} Hz, as told")
    return float(rate)
