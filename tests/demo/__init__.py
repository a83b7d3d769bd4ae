"""`make demo`: one real callback on this machine, told as it happens."""
