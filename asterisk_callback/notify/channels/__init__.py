"""How messages leave the house: one file a channel."""
