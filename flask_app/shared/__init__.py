"""What every page uses: access, language, times, errors, what bootstrap hands in."""
