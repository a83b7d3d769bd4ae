"""`make bench`: how late calls leave, and how much one machine carries. Asserts nothing."""
