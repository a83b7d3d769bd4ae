"""What the judge of rings raises (tests/lab/rings.py)."""


class Harm(AssertionError):
    """Somebody was rung who must not be, or once too often."""
