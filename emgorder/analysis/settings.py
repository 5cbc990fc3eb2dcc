"""What an analysis can be told, each value checked before anything is computed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from emgorder.arguments import plain_number, require_choice, require_kind, require_within
from emgorder.onset.registry import DEFAULT_METHOD, METHOD_ALIASES, find_method, onset_methods

__all__ = ["Settings", "chosen_settings"]

_NUMBERS = ("rope_s", "highpass_Hz", "lowpass_Hz", "notch", "min_rest_s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to analyse a session.

    Attributes
    ----------
    task : {"lift", "cyclic"}
        ``lift`` expects at least 2 s of rest before each lift; ``cyclic`` (gait, squats) takes the short rests there
        are.
    method : str
        Onset detector, a key of :func:`emgorder.onset_methods`.
    rope_s : float
        Differences up to this size count as together. 0.030 s is about the detection error of one onset, not a
        clinical limit.
    highpass_Hz, lowpass_Hz : float
        Corner frequencies of the causal band-pass; the high-pass is never below 20 Hz.
    notch : {"auto", "off"} or float
        Mains notch: found from the signal, none, or at the given frequency (Hz). Both muscles always get the same.
    crosstalk : {"auto", "off"}
        Whether cross-talk between the two muscles is removed where a check shows that it helps.
    hamstring : {"auto", "BF", "ST", "HAM"}
        Which hamstring channel is compared; ``auto`` takes biceps femoris, then semitendinosus, then unnamed.
    min_rest_s : float or None
        Rest expected before a lift; None means 2.0 s for ``lift`` and 0.15 s for ``cyclic``.

    Raises
    ------
    SettingsError
        A value makes no sense; the message names the key and the allowed values.

    Examples
    --------
    >>> Settings(rope_s=0.020).rope_s
    0.02
    """

    task: Literal["lift", "cyclic"] = "lift"
    method: str = DEFAULT_METHOD
    rope_s: float = 0.030
    highpass_Hz: float = 20.0
    lowpass_Hz: float = 450.0
    notch: Literal["auto", "off"] | float = "auto"
    crosstalk: Literal["auto", "off"] = "auto"
    hamstring: Literal["auto", "BF", "ST", "HAM"] = "auto"
    min_rest_s: float | None = None

    def __post_init__(self) -> None:
        """Check every value."""
        for key in _NUMBERS:
            object.__setattr__(self, key, plain_number(getattr(self, key)))
        require_choice("task", self.task, ("lift", "cyclic"))
        require_choice("method", self.method, (*onset_methods(), *METHOD_ALIASES))
        object.__setattr__(self, "method", find_method(self.method).name)
        require_choice("crosstalk", self.crosstalk, ("auto", "off"))
        require_choice("hamstring", self.hamstring, ("auto", "BF", "ST", "HAM"))
        require_within("rope_s", self.rope_s, 0.0, 0.5)
        require_within("highpass_Hz", self.highpass_Hz, 20.0, 100.0)
        require_within("lowpass_Hz", self.lowpass_Hz, 120.0, 2000.0)
        if isinstance(self.notch, str):
            require_choice("notch", self.notch, ("auto", "off"))
        else:
            require_within("notch", self.notch, 45.0, 65.0)
        if self.min_rest_s is not None:
            require_within("min_rest_s", self.min_rest_s, 0.05, 60.0)

    @property
    def rest_s(self) -> float:
        """Rest expected before a lift, s."""
        if self.min_rest_s is not None:
            return self.min_rest_s
        return 2.0 if self.task == "lift" else 0.15

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain values, for a sidecar or a report."""
        return asdict(self)


def chosen_settings(settings: Settings | None) -> Settings:
    """Return `settings`, the defaults for None.

    Raises
    ------
    SettingsError
        They are something else, a dict for example.

    Examples
    --------
    >>> chosen_settings(None).method
    'posterior'
    """
    if settings is None:
        return Settings()
    require_kind(settings, Settings, key="settings", what="Settings", remedy="give emgorder.Settings(rope_s=0.03, ...)")
    return settings
