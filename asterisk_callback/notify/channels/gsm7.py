"""The alphabet of short messages (3GPP TS 23.038): which letters cost one of 160, and which make
the whole text one of 70.
"""

import unicodedata

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")  # each takes two places
# What typesetting has and a telephone has not.
_PLAIN = {
    **dict.fromkeys("‘’‚′", "'"),
    **dict.fromkeys("“”„″", '"'),
    **dict.fromkeys("‐‑‒–—−", "-"),
    **dict.fromkeys("\u00a0\u2007\u2009\u202f", " "),
    **{"…": "...", "•": "*"},
}


def plain(text: str) -> str:
    """The text in the alphabet of 160 where that takes no more than plain signs, and Latin letters
    without an accent; else as it was: Arabic stays Arabic."""
    text = unicodedata.normalize("NFC", text)
    found = "".join(_nearest(letter) for letter in text)
    return found if is_gsm7(found) else text


def _nearest(letter: str) -> str:
    if letter in _BASIC or letter in _EXTENDED:
        return letter
    if letter in _PLAIN:
        return _PLAIN[letter]
    bare = unicodedata.normalize("NFD", letter)[0]
    return bare if bare in _BASIC and bare.isalpha() else letter


def is_gsm7(text: str) -> bool:
    return all(letter in _BASIC or letter in _EXTENDED for letter in text)


def parts(text: str) -> int:
    """How many short messages it is; several have less room each, as they say which one they are
    (3GPP TS 23.040, section 9.2.3.24.1)."""
    if is_gsm7(text):
        size, alone, of_several = len(text) + sum(one in _EXTENDED for one in text), 160, 153
    else:
        size, alone, of_several = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if size <= alone else -(-size // of_several)
