"""A company's colour: WCAG's arithmetic, and that every tone made from it is legible."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from asterisk_callback.domain import colour
from asterisk_callback.domain.colour import LEGIBLE, VISIBLE, contrast, luminance, mix


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#767676", "#ffffff", 4.54),  # WCAG's own example of the darkest grey that passes
        ("#777777", "#ffffff", 4.48),
        ("#ff0000", "#ffffff", 4.0),
        ("#0b6e4f", "#ffffff", 6.26),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.01)


def test_luminance_and_mixtures() -> None:
    assert luminance("#000000") == 0 and luminance("#ffffff") == pytest.approx(1)
    assert luminance("#ff0000") == pytest.approx(0.2126)
    assert (mix("#000000", "#ffffff", 0.5), mix("#102030", "#ffffff", 0)) == ("#808080", "#102030")
    assert colour.is_colour("#0B6e4f")
    assert not any(map(colour.is_colour, ("0b6e4f", "#0b6e4", "#0b6e4g", "red", "#0b6e4f\n")))


@given(st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}"))
def test_every_tone_of_an_allowed_colour_is_legible(accent: str) -> None:
    assume(contrast(accent, colour.LIGHT_PAGE) >= LEGIBLE)
    light, dark = colour.light_theme(accent), colour.dark_theme(accent)
    for theme, grounds in (
        (light, (colour.WHITE, colour.LIGHT_PAGE)),
        (dark, (colour.DARK_PAGE, colour.DARK_SURFACE)),
    ):
        for ground in (*grounds, theme["tint"], theme["on-accent"]):
            assert contrast(theme["accent"], ground) >= LEGIBLE, ground
        for ground in (theme["panel"], theme["panel-tint"]):
            for name in ("panel-ink", "panel-ink-2", "panel-mark"):
                assert contrast(theme[name], ground) >= LEGIBLE, name
            assert contrast(theme["panel-edge"], ground) >= VISIBLE
        assert contrast("#ffb0a5", theme["panel"]) >= LEGIBLE  # an error on the panel
