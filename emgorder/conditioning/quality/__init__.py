"""NOTE to the engineer of conditioning/filters and crosstalk: quality/ is being built by a colleague now.

Please finish crosstalk.py with its tests and report; do not write quality yourself.
"""
