"""From onsets to who fired first: per lift and per session."""

from emgorder.order.lift import compare_onsets
from emgorder.order.pairwise import OrderMatrix, compare_muscles
from emgorder.order.session import pool_side

__all__ = ["OrderMatrix", "compare_muscles", "compare_onsets", "pool_side"]
