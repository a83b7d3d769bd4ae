"""The agent's console: what is on it, and what an agent does with it."""
