"""Who may come inside: accounts, signing in, sessions, the second factor."""
