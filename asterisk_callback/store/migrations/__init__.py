"""The tables' history, run by `asterisk-callback db upgrade`."""
