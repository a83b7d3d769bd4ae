"""The agents: their phones, and what they ask of them."""
