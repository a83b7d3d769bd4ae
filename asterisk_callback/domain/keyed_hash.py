"""What stands in the place of a number that was erased.

A keyed hash: nobody reads the number from it, but the limits still count it. Otherwise somebody
could have a stranger rung again and again, deleting the trace of each call.
"""

import base64
import hashlib
import hmac

MARK = "#"
# A block of numbers that somebody rented and wants rung: all that differ in these digits only.
BLOCK_DIGITS = 3
_LETTERS = 12  # 60 bits; with mark and digits as long as the longest number


def block_of(number: str) -> str:
    """The block of a number in E.164, or that of a stand-in."""
    return number[:-BLOCK_DIGITS]


def stand_in(e164: str, key: str) -> str:
    """The same for the same number and key; numbers of one block have stand-ins of one block."""
    block, last = block_of(e164), int(e164[-BLOCK_DIGITS:])
    digest = hmac.new(key.encode(), f"erased:{block}".encode(), hashlib.sha256).digest()
    letters = base64.b32encode(digest).decode().lower()[:_LETTERS]
    # Moved round within the block: no two numbers of it share a stand-in.
    size = 10**BLOCK_DIGITS
    moved = (last + int.from_bytes(digest[16:24], "big")) % size
    return f"{MARK}{letters}{moved:0{BLOCK_DIGITS}}"


def is_erased(e164: str) -> bool:
    return e164.startswith(MARK)


def hash_secret(secret: str) -> str:
    """What the database keeps of a status page's secret."""
    return text_hash(secret)


def text_hash(text: str) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def derive(key: str, text: str) -> str:
    """A keyed hash: nobody without the key finds the text, or makes one for it."""
    digest = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()[:18]
    return base64.urlsafe_b64encode(digest).decode()
