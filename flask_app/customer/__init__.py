"""The customer's form and status page."""
