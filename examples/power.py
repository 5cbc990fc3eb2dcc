"""How many people, how many lifts, to see an effect? Usage: python power.py [milliseconds]."""

import sys

import emgorder as eo

effect_ms = float(sys.argv[1]) if len(sys.argv) > 1 else 40.0

# Two instructions to the same people, the electrodes left on: what varies is told by eo.Spread (help(eo.Spread)).
left_on = eo.Spread(placement_ms=0.0)
paired = eo.people_needed(effect_ms, n_lifts=[5, 10, 20], spread=left_on, n_simulations=500)
print(f"to see {effect_ms:g} ms between two conditions of the same people with a power of .8:")
print(
    paired[["n_lifts", "n_people", "power", "power_low", "power_high", "total_lifts"]].round(2).to_string(index=False)
)

# Two groups of people, measured once each.
groups = eo.people_needed(effect_ms, n_lifts=[5, 10, 20], design="groups", n_simulations=500)
print(f"\nto see {effect_ms:g} ms between two groups (people in each group):")
print(
    groups[["n_lifts", "n_people", "power", "power_low", "power_high", "total_lifts"]].round(2).to_string(index=False)
)
