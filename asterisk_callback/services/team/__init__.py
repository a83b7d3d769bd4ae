"""Notify mode: whoever has to know is told, at least once, and marks the request done."""
