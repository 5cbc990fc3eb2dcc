"""From onsets to who fired first: per lift and per session."""

from emgorder.order.activity import ActivityRatio, MuscleActivity
from emgorder.order.contrast import Contrast, contrast
from emgorder.order.lift import compare_onsets
from emgorder.order.pairwise import OrderMatrix, compare_muscles
from emgorder.order.reference import MvcReference
from emgorder.order.session import pool_side

__all__ = [
    "ActivityRatio",
    "Contrast",
    "MuscleActivity",
    "MvcReference",
    "OrderMatrix",
    "compare_muscles",
    "compare_onsets",
    "contrast",
    "pool_side",
]
