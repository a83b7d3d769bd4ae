"""The agent's page."""
