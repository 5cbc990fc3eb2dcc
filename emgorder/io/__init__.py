"""Reading and writing recordings and tables."""

from emgorder.io.read import read_recording
from emgorder.io.result_tables import write_table
from emgorder.io.write import write_recording

__all__ = ["read_recording", "write_recording", "write_table"]
