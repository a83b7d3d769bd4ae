"""A company's own colour: is it legible, and what the pages' other colours are, made from it.

Contrast is as WCAG 2.2 defines it ("relative luminance", "contrast ratio").
"""

import re
from collections.abc import Callable, Mapping

LEGIBLE = 4.5  # WCAG 2.2, 1.4.3: text
VISIBLE = 3.0  # WCAG 2.2, 1.4.11: borders and marks
WHITE, BLACK = "#ffffff", "#000000"
# Of the style sheet (tokens.css): what stands behind text in both schemes.
LIGHT_PAGE, DARK_PAGE, DARK_SURFACE = "#f4f7f6", "#0f1717", "#172121"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def is_colour(text: str) -> bool:
    """`#0b6e4f`: six hexadecimal digits, nothing else."""
    return _COLOUR.fullmatch(text) is not None


def luminance(colour: str) -> float:
    """0 for black, 1 for white."""
    parts = [value / 255 for value in _parts(colour)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """1 (the same) to 21 (black on white)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """share: how much of `other`, 0 to 1."""
    pairs = zip(_parts(one), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def light_theme(accent: str) -> Mapping[str, str]:
    """The tokens of the light scheme. accent: legible on the light page."""
    tint = _first(
        lambda share: mix(WHITE, accent, max(0.0, 0.14 - share)),
        lambda tint: contrast(accent, tint) >= LEGIBLE,
    )
    own = {"accent": accent, "accent-strong": mix(accent, BLACK, 0.25)}
    return own | {"on-accent": WHITE, "tint": tint} | _panel(mix(accent, BLACK, 0.3))


def dark_theme(accent: str) -> Mapping[str, str]:
    """The tokens of the dark scheme: the accent is a lighter tone of the same colour."""
    tint = mix(DARK_SURFACE, accent, 0.25)
    tone = _first(
        lambda share: mix(accent, WHITE, share),
        lambda tone: all(contrast(tone, one) >= 6 for one in (DARK_PAGE, DARK_SURFACE, tint)),
    )
    own = {"accent": tone, "accent-strong": mix(tone, WHITE, 0.35)}
    on_accent = mix(BLACK, accent, 0.15)
    return own | {"on-accent": on_accent, "tint": tint} | _panel(mix(accent, BLACK, 0.5))


def _panel(panel: str) -> dict[str, str]:
    """The large area of colour, and what stands on it."""
    tint = mix(panel, WHITE, 0.08)

    def towards_white(begin: float, on: tuple[str, ...], least: float) -> str:
        return _first(
            lambda share: mix(panel, WHITE, min(1.0, begin + share)),
            lambda tone: all(contrast(tone, one) >= least for one in on),
        )

    return {
        "panel": panel,
        "panel-ink": WHITE,
        "panel-ink-2": towards_white(0.75, (panel, tint), LEGIBLE),
        "panel-line": mix(panel, WHITE, 0.25),
        "panel-edge": towards_white(0.4, (panel, tint), VISIBLE),
        "panel-mark": towards_white(0.6, (panel, tint), LEGIBLE),
        "panel-tint": tint,
    }


def _first(tone: Callable[[float], str], good: Callable[[str], bool]) -> str:
    """The first of the tones, in steps of one hundredth, that is good."""
    tones = (tone(min(1.0, step / 100)) for step in range(101))
    return next(one for one in tones if good(one))


def _parts(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue
