"""Training of the onset network: simulated bursts on real and simulated rests. Needs torch and real recordings."""
