"""Sensors: what each device is, and how its bytes become samples. No I/O here."""
