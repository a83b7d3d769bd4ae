"""`python -m asterisk_callback` is the command `asterisk-callback`."""

from asterisk_callback.cli import main

if __name__ == "__main__":
    main()
