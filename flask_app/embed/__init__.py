"""The form on other websites."""
