"""The bytes that each sensor sends, made from samples: for simulated sensors and for tests of the decoders."""

from emgorder.simulate.packets import bitalino, emgo1, ganglion, gforce, myo, myoware, npg_lite, shimmer3r, umyo
from emgorder.simulate.packets.base import PacketProfile, to_counts

__all__ = ["PROFILES", "PacketProfile", "to_counts"]

PROFILES = {
    profile.key: profile
    for profile in (
        emgo1.PROFILE,
        shimmer3r.PROFILE,
        npg_lite.PROFILE,
        bitalino.PROFILE,
        ganglion.PROFILE,
        umyo.PROFILE,
        myoware.PROFILE,
        myoware.PROFILE_UART,
        myo.PROFILE,
        gforce.PROFILE,
    )
}
"""By key. The Ganglion's firmware 2 sends differences and has no such profile: see `ganglion.encode_2`."""
