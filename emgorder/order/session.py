"""Who fired first on one side of a session: from the onsets of its lifts to a verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from emgorder.model import LiftResult, Posterior, Side, SideResult, Sync
from emgorder.order.density import trimmed
from emgorder.order.hidden import lag_error_s
from emgorder.order.lift import difference_posterior
from emgorder.order.planning import MOST_FURTHER_LIFTS, further_lifts
from emgorder.order.pooling import pool_differences
from emgorder.order.verdict import decide, probabilities

__all__ = ["MAX_SYNC_SD_S", "MIN_VALID_LIFTS", "pool_side"]

MIN_VALID_LIFTS = 5  # below this the spread between lifts cannot be told from detection error
MAX_SYNC_SD_S = 0.015  # beyond this the clocks say more about the order than the muscles do

NO_PROBABILITIES = "this onset method gives no probabilities"
HARDLY_SETTLED = f"even {MOST_FURTHER_LIFTS} more lifts would probably not settle it"


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
        All lifts of the side; the invalid ones only count in ``n_lifts``. The first two muscles of each are glute and
        hamstring.
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
        Where a verdict is not possible (`refusal`, clocks that agree no better than 15 ms, fewer than 5 valid lifts),
        and for onset methods without a posterior, there are counts and the median difference, and no probabilities:
        the verdict is then ``cannot tell`` with that reason.

    Examples
    --------
    >>> pool_side([], side="R", rope_s=0.030, sync=Sync(), glute="GMAX", hamstring="BF").reason
    'only 0 valid lifts: at least 5 are needed'
    """
    valid = [r for r in lifts if r.valid and np.isfinite(r.order.difference_s)]
    counted = _count(
        valid,
        SideResult(
            side=side,
            verdict="cannot tell",
            n_lifts=len(lifts),
            n_valid=len(valid),
            n_glute_first=0,
            n_together=0,
            n_hamstring_first=0,
            rope_s=rope_s,
            sync=sync,
            glute=glute,
            hamstring=hamstring,
        ),
    )
    refusal = refusal or _clock_refusal(sync)
    if refusal:
        return replace(counted, possible=False, reason=refusal)
    if len(valid) < MIN_VALID_LIFTS:
        reason = (
            f"only {len(valid)} valid {'lift' if len(valid) == 1 else 'lifts'}: at least {MIN_VALID_LIFTS} are needed"
        )
        return replace(counted, possible=False, reason=reason, more_lifts=MIN_VALID_LIFTS - len(valid))
    differences = [d for d in (_difference(r, sync) for r in valid) if d is not None]
    if len(differences) < len(valid):
        return replace(counted, reason=NO_PROBABILITIES)
    lag_sd_s = lag_error_s([(r.muscles[0].onset, r.muscles[1].onset) for r in valid])
    return _judge(differences, counted, math.hypot(sync.sd_s, lag_sd_s))


def _count(valid: Sequence[LiftResult], side: SideResult) -> SideResult:
    """Return `side` with counts, median difference and the plain spread between lifts."""
    differences_s = np.array([r.order.difference_s for r in valid])
    return replace(
        side,
        n_glute_first=int(np.sum(differences_s < -side.rope_s)),
        n_together=int(np.sum(np.abs(differences_s) <= side.rope_s)),
        n_hamstring_first=int(np.sum(differences_s > side.rope_s)),
        difference_s=float(np.median(differences_s)) if len(valid) else np.nan,
        between_lift_sd_s=float(np.std(differences_s, ddof=1)) if len(valid) > 1 else np.nan,
    )


def _judge(differences: Sequence[Posterior], counted: SideResult, shared_sd_s: float) -> SideResult:
    """Return `counted` with the pooled difference, its probabilities and the verdict they give."""
    pooled = pool_differences(differences, shared_sd_s=shared_sd_s)
    p = probabilities(pooled.posterior, rope_s=counted.rope_s)
    verdict, leaning = decide(p)
    undecided = verdict == "cannot tell"
    more_lifts = further_lifts(pooled, rope_s=counted.rope_s) if undecided else None
    return replace(
        counted,
        verdict=verdict,
        leaning=leaning,
        difference_s=pooled.posterior.quantile(0.5),
        low_s=pooled.posterior.quantile(0.05),
        high_s=pooled.posterior.quantile(0.95),
        p_glute_first=p.glute_first,
        p_together=p.together,
        p_hamstring_first=p.hamstring_first,
        p_glute_earlier=p.glute_earlier,
        between_lift_sd_s=pooled.between_lift_sd_s,
        more_lifts=more_lifts,
        reason=HARDLY_SETTLED if undecided and more_lifts is None else "",
        posterior=trimmed(pooled.posterior),
    )


def _difference(lift: LiftResult, sync: Sync) -> Posterior | None:
    """Return the density of a lift's difference without the clock uncertainty, which all lifts share."""
    densities = [m.onset.posterior for m in lift.muscles[:2] if m.onset.posterior is not None]
    if len(densities) < 2:
        return None
    return difference_posterior(*densities).shifted(-sync.offset_s)


def _clock_refusal(sync: Sync) -> str:
    if sync.sd_s <= MAX_SYNC_SD_S:
        return ""
    return (
        f"the clocks of the two sensors agree only within {sync.sd_s * 1e3:.0f} ms: "
        "tap both sensors together and record again"
    )
