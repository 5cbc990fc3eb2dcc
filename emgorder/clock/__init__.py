"""Clocks: from sample counters to time, and several sensors onto one time base, with the uncertainty that remains."""
