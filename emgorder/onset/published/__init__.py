"""Onset detectors from the literature, a module a family, as their papers describe them."""

__all__: list[str] = []
