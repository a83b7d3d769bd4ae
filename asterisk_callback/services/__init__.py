"""The verbs: what can be done with callback requests, one file each. They know no database and
no telephone; both are handed in and described in `ports.py`."""
