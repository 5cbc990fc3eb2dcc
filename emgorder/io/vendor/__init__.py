"""Text files of devices and their programs, told from our own tables by what stands in them."""

from emgorder.io.vendor.recognise import vendor_reader

__all__ = ["vendor_reader"]
