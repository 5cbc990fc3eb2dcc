"""Who fired first on one side of a session: from the orders of its lifts to a verdict."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from emgorder.model import LiftResult, Side, SideResult, Sync

__all__ = ["MIN_VALID_LIFTS", "pool_side"]

MIN_VALID_LIFTS = 5  # below this the spread between lifts cannot be told from detection error


def pool_side(
    lifts: Sequence[LiftResult],
    *,
    side: Side,
    rope_s: float,
    sync: Sync,
    glute: str,
    hamstring: str,
    refusal: str = "",
) -> SideResult:
    """Pool the lifts of one side into a verdict.

    Parameters
    ----------
    lifts : sequence of LiftResult
        All lifts of the side; the invalid ones only count in ``n_lifts``.
    side : {"R", "L", ""}
        Side of the body.
    rope_s : float
        Differences up to this size count as together, s.
    sync : Sync
        Clock agreement of the two muscles.
    glute, hamstring : str
        Muscle codes that were compared.
    refusal : str
        Why no verdict can be given whatever the lifts say (envelope input, unknown sample clock), else empty.

    Returns
    -------
    SideResult
        Onset methods without a posterior give counts and the median difference, and no probabilities: the verdict
        is then ``cannot tell`` with that reason.
    """
    valid = [r for r in lifts if r.valid and np.isfinite(r.order.difference_s)]
    differences_s = np.array([r.order.difference_s for r in valid])
    reason = refusal
    if not reason and len(valid) < MIN_VALID_LIFTS:
        reason = f"only {len(valid)} valid lifts: at least {MIN_VALID_LIFTS} are needed"
    possible = not reason
    if possible:
        reason = "this onset method gives no probabilities"
    return SideResult(
        side=side,
        verdict="cannot tell",
        n_lifts=len(lifts),
        n_valid=len(valid),
        n_glute_first=int(np.sum(differences_s < -rope_s)),
        n_together=int(np.sum(np.abs(differences_s) <= rope_s)),
        n_hamstring_first=int(np.sum(differences_s > rope_s)),
        difference_s=float(np.median(differences_s)) if len(valid) else np.nan,
        between_lift_sd_s=float(np.std(differences_s, ddof=1)) if len(valid) > 1 else np.nan,
        reason=reason,
        possible=possible,
        rope_s=rope_s,
        sync=sync,
        glute=glute,
        hamstring=hamstring,
    )
