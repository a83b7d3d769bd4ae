"""The fault suite: real kills, cuts and locks, judged by the far end's own log of INVITEs.

`python -m tests.faults` prints the table; `make test` does each fault once. A fault is a function
in one of the `of_*` modules; what counts as harm is decided in one place (judge), and harm fails
the pass. A run in which the fault did not come about (the test bed was too slow) shows nothing
either way: it is done again on a fresh bed, with another seed, and the table says so.
"""
