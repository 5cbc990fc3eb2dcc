"""Sensors: what each device is, and how its bytes become samples. No I/O here."""

from emgorder.sensors.base import Chunk, Decoder, SensorDescriptor, Write
from emgorder.sensors.registry import find_sensor, make_decoder, register_sensor, sensors

__all__ = [
    "Chunk",
    "Decoder",
    "SensorDescriptor",
    "Write",
    "find_sensor",
    "make_decoder",
    "register_sensor",
    "sensors",
]
