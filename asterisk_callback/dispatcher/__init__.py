"""The process that calls."""
