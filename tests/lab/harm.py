"""What no second run forgives (tests/second_look.py)."""


class Harm(AssertionError):
    """Somebody was rung who must not be, or once too often."""
