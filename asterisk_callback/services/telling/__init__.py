"""Who is told what, and the one outbox that delivers it."""
