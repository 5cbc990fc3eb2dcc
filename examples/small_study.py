"""A small study: does a cue to the glutes change who fires first? Five simulated people under two instructions."""

import warnings

import statsmodels.formula.api as smf

import emgorder as eo

CONDITIONS = {"neutral": "straight_knee_lateral", "cue": "glute_cued_lateral"}

results, labels = [], []
for person in range(5):
    for session, (condition, scenario) in enumerate(CONDITIONS.items()):
        recording = eo.simulate_session(scenario=scenario, seed=10 * person + session, n_lifts=6)
        results.append(eo.analyse(recording))
        labels.append({"person": f"p{person}", "session": str(session), "condition": condition})

sides = eo.side_frame(results, labels)  # a row for each session: typical difference, variance, verdict
print(sides[["person", "condition", "difference_ms", "n_valid", "verdict"]].round(0).to_string(index=False))

lifts = eo.lift_frame(results, labels)  # a row for each lift that counts
model = smf.mixedlm("difference_ms ~ C(condition, Treatment('neutral'))", lifts, groups="person")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # five people leave the spread between them at the edge of what can be told
    fit = model.fit()
effect, (low, high) = fit.params.iloc[1], fit.conf_int().iloc[1]
print(f"the cue changes the difference by {effect:.0f} ms [{low:.0f} to {high:.0f}]")
