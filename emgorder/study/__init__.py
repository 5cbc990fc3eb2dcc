"""Many sessions at once: batches, statistics over people, public data sets."""
