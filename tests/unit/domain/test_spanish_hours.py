"""One o'clock is singular in Spanish: "a la 1:05", but "a las 2:05"."""

import pytest

from asterisk_callback.domain.languages import spanish_hours


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("a las 1:05", "a la 1:05"),
        ("a las 01:05", "a la 01:05"),
        ("a las 1:05 p. m.", "a la 1:05 p. m."),
        ("entre las 1:00 y las 2:00", "entre la 1:00 y las 2:00"),
        ("entre las 12:50 y las 1:00", "entre las 12:50 y la 1:00"),
        ("a las 11:05", "a las 11:05"),
        ("a las 21:05", "a las 21:05"),
        ('a las <time datetime="x">1:05</time>', 'a la <time datetime="x">1:05</time>'),
        ('a las</span>\n<span class="a"><time>1:05', 'a la</span>\n<span class="a"><time>1:05'),
        ("<textarea>a las 1:05</textarea>", "<textarea>a las 1:05</textarea>"),
        ('value="a las 1:05"', 'value="a las 1:05"'),
    ],
)
def test_one_o_clock(said: str, meant: str) -> None:
    assert spanish_hours(said) == meant
