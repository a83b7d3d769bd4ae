"""Names of hosts in other scripts, written in ASCII by IDNA 2008 (RFC 5891), mapped before as
browsers do it (UTS 46, non-transitional).

Python's own codec, and with it its sockets, knows IDNA 2003, for which faß.de is fass.de: mail
and webhooks would go to another domain, with another owner.
"""


def in_ascii(name: str) -> str:
    """The name as the DNS has it; one in ASCII stays as it is. Raises ValueError."""
    if name.isascii():
        return name
    import idna  # here: its tables cost the start of each process 20 ms

    # Its error is a ValueError, too.
    return idna.encode(name, uts46=True).decode("ascii")
