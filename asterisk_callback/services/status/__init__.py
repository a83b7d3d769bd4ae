"""What may be read of a request: state, reason, expected time."""
