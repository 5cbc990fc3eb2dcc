"""Reading and writing recordings."""

from emgorder.io.csv_write import write_recording
from emgorder.io.read import read_recording

__all__ = ["read_recording", "write_recording"]
