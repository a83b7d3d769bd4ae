"""The fault suite: real kills, cuts and locks, judged by the far end's own log of INVITEs.

`python -m tests.faults` prints the table; test_faults.py does each fault once. A fault is a
function in one of the `of_*` modules; what counts as harm is decided in one place (judge).
"""
