"""The reports' page."""
