"""Everything that emgorder raises on purpose.

::

    EmgOrderError
    ├── RecordingError        a file or array cannot be read as a recording (path, row, column)
    ├── SignalQualityError    a channel cannot carry the answer asked of it (channel, reason)
    ├── SettingsError         a setting has a value that makes no sense (key)
    ├── MissingExtraError     an optional dependency is not installed (extra)
    └── SensorError           a sensor (sensor)
        ├── SensorNotFound    is not in reach
        ├── SensorLost        went away
        └── PacketError       sent bytes that are no packet of its kind (data)

Each message says what happened, the value, and the remedy.
"""

from __future__ import annotations

from pathlib import Path

__all__ = [
    "EmgOrderError",
    "EmgOrderWarning",
    "MissingExtraError",
    "PacketError",
    "RecordingError",
    "SensorError",
    "SensorLost",
    "SensorNotFound",
    "SettingsError",
    "SignalQualityError",
]


class EmgOrderError(Exception):
    """Base of all errors of this package."""


class EmgOrderWarning(UserWarning):
    """Something in the input was repaired or assumed; the message says what and where."""


class RecordingError(EmgOrderError):
    """A file or array cannot be read as a recording.

    Parameters
    ----------
    message : str
        What is wrong, the value, and the remedy.
    path : str or Path, optional
        The file.
    row, column : int or str, optional
        Where in the file (row 1 is the header line).
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | Path | None = None,
        row: int | None = None,
        column: str | int | None = None,
    ) -> None:
        where = [str(path)] if path is not None else []
        if row is not None:
            where.append(f"row {row}")
        if column is not None:
            where.append(f"column {column}")
        super().__init__(f"{', '.join(where)}: {message}" if where else message)
        self.path = Path(path) if path is not None else None
        self.row = row
        self.column = column


class SignalQualityError(EmgOrderError):
    """A channel cannot carry the answer asked of it."""

    def __init__(self, message: str, *, channel: str = "", reason: str = "") -> None:
        super().__init__(f"{channel}: {message}" if channel else message)
        self.channel = channel
        self.reason = reason or message


class SettingsError(EmgOrderError, ValueError):
    """A setting has a value that makes no sense."""

    def __init__(self, message: str, *, key: str) -> None:
        super().__init__(f"{key}: {message}")
        self.key = key


class MissingExtraError(EmgOrderError, ImportError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f'{package} is not installed. Install it with: pip install "emgorder[{extra}]"')
        self.extra = extra


class SensorError(EmgOrderError):
    """Something about one sensor."""

    def __init__(self, message: str, *, sensor: str = "") -> None:
        super().__init__(f"{sensor}: {message}" if sensor else message)
        self.sensor = sensor


class SensorNotFound(SensorError):
    """A sensor is not in reach."""


class SensorLost(SensorError):
    """A sensor that was connected went away."""


class PacketError(SensorError):
    """Bytes that are no packet of the sensor's kind."""

    def __init__(self, message: str, *, sensor: str = "", data: bytes = b"") -> None:
        super().__init__(f"{message} ({len(data)} bytes: {data[:16].hex(' ')})", sensor=sensor)
        self.data = data
