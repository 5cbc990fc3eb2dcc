"""The sensors that emgorder knows: by key, by what they advertise, and their decoders."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from emgorder.errors import SensorNotFound, SettingsError
from emgorder.sensors import bitalino, emgo1, ganglion, gforce, myo, myoware, npg_lite, shimmer3r, umyo
from emgorder.sensors.base import Decoder, SensorDescriptor
from emgorder.sensors.parts import short_uuid

__all__ = ["find_sensor", "key_of_firmware", "make_decoder", "register_sensor", "sensors"]

_DECODERS: tuple[tuple[SensorDescriptor, Callable[[], Decoder]], ...] = (
    (emgo1.DESCRIPTOR, emgo1.Emgo1Decoder),
    (shimmer3r.DESCRIPTOR, shimmer3r.Shimmer3rDecoder),
    (npg_lite.DESCRIPTOR, npg_lite.NpgLiteDecoder),
    (bitalino.DESCRIPTOR, bitalino.BitalinoDecoder),
    (ganglion.DESCRIPTOR, ganglion.GanglionDecoder),
    (ganglion.DESCRIPTOR_2, ganglion.Ganglion2Decoder),
    (umyo.DESCRIPTOR, umyo.UmyoDecoder),
    (myoware.DESCRIPTOR, myoware.MyowareDecoder),
    (myoware.DESCRIPTOR_UART, myoware.MyowareUartDecoder),
    (myo.DESCRIPTOR, myo.MyoDecoder),
    (gforce.DESCRIPTOR, gforce.GforceDecoder),
)

# Services that all kinds of devices offer: they tell nothing without a name. NPG Lite's is that of an ESP32 example,
# Shimmer3R's the default of a radio module.
_SHARED = {
    myoware.DESCRIPTOR_UART.service,
    gforce.DESCRIPTOR.service,
    npg_lite.DESCRIPTOR.service,
    shimmer3r.DESCRIPTOR.service,
    short_uuid(0xFE84),
}


@cache
def _known() -> dict[str, tuple[SensorDescriptor, Callable[[], Decoder]]]:
    return {descriptor.key: (descriptor, make) for descriptor, make in _DECODERS}


def register_sensor(descriptor: SensorDescriptor, decoder: Callable[[], Decoder]) -> None:
    """Have a kind of sensor of your own found, recorded and read like those that are known, while the program runs.

    Parameters
    ----------
    descriptor : SensorDescriptor
        What it is.
    decoder : callable
        Makes a new decoder, for each link one; usually its class.

    Raises
    ------
    SettingsError
        Another kind of sensor has that key.

    Examples
    --------
    >>> register_sensor(sensors()["myo"], lambda: make_decoder("gforce"))
    Traceback (most recent call last):
    emgorder.errors.SettingsError: key: 'myo' is Thalmic Myo armband already; give your sensor another key
    """
    held = _known().get(descriptor.key, (descriptor, decoder))
    if held != (descriptor, decoder):
        raise SettingsError(f"{descriptor.key!r} is {held[0].title} already; give your sensor another key", key="key")
    _known()[descriptor.key] = held


def sensors() -> dict[str, SensorDescriptor]:
    """Return the descriptors of all known sensors by key, the best for the question first.

    Examples
    --------
    >>> [key for key, sensor in sensors().items() if not sensor.order_verdict]
    ['myoware', 'myoware_uart', 'myo', 'gforce']
    """
    return {key: descriptor for key, (descriptor, _) in _known().items()}


def find_sensor(name: str | None, services: Iterable[str] = ()) -> SensorDescriptor | None:
    """Return what kind of sensor advertises `name` and `services`, None when it is none we know.

    The longest beginning of the name decides, among equals the service; without a known name a service does, unless
    many kinds of devices offer it. A Ganglion is taken for firmware 3 until `key_of_firmware` knows better.

    Parameters
    ----------
    name : str or None
        As advertised; case does not matter.
    services : iterable of str
        UUIDs as advertised, 4 or 36 characters.

    Examples
    --------
    >>> find_sensor("NPG-Lite-6CH:0a1b").key, find_sensor(None, ["FC7A850D-C1A5-F61F-0DA7-9995621FBD01"])
    ('npg_lite', None)
    """
    offered = {_full(uuid) for uuid in services}
    lower = (name or "").lower()
    best: tuple[int, bool] = (0, False)
    found = None
    for descriptor in sensors().values():
        length = max((len(p) for p in descriptor.names if lower.startswith(p.lower())), default=0)
        has_service = descriptor.service in offered
        if length == 0 and descriptor.service in _SHARED:
            continue
        if (length, has_service) > best:
            best, found = (length, has_service), descriptor
    return found


def key_of_firmware(key: str, said: bytes) -> str:
    """Return which kind a connected sensor really is, by what its firmware characteristic holds.

    Parameters
    ----------
    key : str
        What it was taken for.
    said : bytes
        Empty when it does not tell.

    Examples
    --------
    >>> key_of_firmware("ganglion", b"2.0.1"), key_of_firmware("ganglion_2", b"3.0.2"), key_of_firmware("emgo1", b"2")
    ('ganglion_2', 'ganglion', 'emgo1')
    """
    text = said.strip(b"\0 \t\r\nvV")
    if key not in (ganglion.DESCRIPTOR.key, ganglion.DESCRIPTOR_2.key) or not text:
        return key
    return ganglion.DESCRIPTOR.key if text.startswith(b"3") else ganglion.DESCRIPTOR_2.key


def make_decoder(key: str) -> Decoder:
    """Return a new decoder, one for each link.

    Raises
    ------
    SensorNotFound
        No sensor of that key is known.

    Examples
    --------
    >>> make_decoder("myo").descriptor.n_channels
    8
    """
    if key not in _known():
        raise SensorNotFound(f"no such kind of sensor; known are {', '.join(_known())}", sensor=key)
    return _known()[key][1]()


def _full(uuid: str) -> str:
    uuid = uuid.lower()
    return f"0000{uuid}-0000-1000-8000-00805f9b34fb" if len(uuid) == 4 else uuid
