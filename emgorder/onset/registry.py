"""The list of onset detectors (placeholder contract; being built)."""

DEFAULT_METHOD = "aglr"


def onset_methods() -> dict[str, object]:
    return {"aglr": None}
