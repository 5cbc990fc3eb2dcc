"""The rigs hold no tests, and import what only the tests that use them need."""

collect_ignore_glob = ["*.py"]
