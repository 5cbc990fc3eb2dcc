"""Acquisition: links to sensors, the recorder, and the recording made of what it wrote."""
