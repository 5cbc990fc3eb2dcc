"""The bytes that each sensor sends, made from samples: for simulated sensors and for tests of the decoders."""
