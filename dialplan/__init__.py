"""The files for Asterisk, as package data: `asterisk-callback init` copies them out."""
