"""Sign-in, own account, administration of users."""
