"""Telling people outside: one channel a file."""
