"""Random secrets of accounts. The database has only their hashes.

One pass of SHA-256 is enough for them: each has 80 random bits or more, so none can be guessed.
"""

import base64
import hashlib
import secrets

RECOVERY_CODES = 10
_CODE_BYTES = 10


def new_token() -> str:
    """For a session or a one-time link: 256 bits."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def new_recovery_codes() -> list[str]:
    """Ten, such as `k3ym-2xqa-9tzp-m5wd`."""
    return [_grouped(base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().lower())
            for _ in range(RECOVERY_CODES)]  # fmt: skip


def recovery_hash(typed: str) -> str:
    """The hash of a recovery code, however it was grouped."""
    return hashed("".join(typed.split()).replace("-", "").lower())


def is_recovery_code(typed: str) -> bool:
    """Rather than the six digits of an authenticator."""
    return len("".join(typed.split()).replace("-", "")) == _CODE_BYTES * 8 // 5


def _grouped(text: str) -> str:
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))
