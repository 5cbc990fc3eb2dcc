"""One thing that was looked at, and how it was found."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Check"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: whether it is as it should be, what was seen, and what to do where it is not.

    Examples
    --------
    >>> Check(False, "battery 4 %", "Charge it").told, Check(True, "battery 87 %", "Charge it").told
    ('battery 4 %. Charge it', 'battery 87 %')
    """

    good: bool
    text: str
    remedy: str = ""

    @property
    def told(self) -> str:
        """What was seen, and what to do if that is needed."""
        return self.text if self.good or not self.remedy else f"{self.text}. {self.remedy}"
