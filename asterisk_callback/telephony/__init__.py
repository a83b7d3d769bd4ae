"""Everything that speaks with Asterisk. The only package that imports panoramisk."""
