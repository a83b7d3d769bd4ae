"""The address of a page: what is kept of it, and what is none."""

import pytest

from asterisk_callback.domain.errors import InvalidInput
from asterisk_callback.domain.page_address import LONGEST, on_one_of, origin_and_path, shown

SHOP = ("https://shop.example", "https://www.shop.example:8443")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("  ", ""),
        ("https://shop.example", "https://shop.example"),
        (" HTTPS://Shop.Example/Moving ", "https://shop.example/Moving"),
        ("https://shop.example/a?token=1#me", "https://shop.example/a"),
        ("https://shop.example?a=/b", "https://shop.example"),
        ("https://shop.example#/a\nb", "https://shop.example"),
        ("https://ada:secret@shop.example/a", "https://shop.example/a"),
        ("https://a@b@shop.example/@ada", "https://shop.example/@ada"),
        ("http://[2001:db8::1]:8080/%D9%86", "http://[2001:db8::1]:8080/%D9%86"),
        (f"https://shop.example/{'x' * 179}", f"https://shop.example/{'x' * 179}"),
        (f"https://shop.example/{'x' * 180}", "https://shop.example"),
        (f"https://shop.example/a?{'x' * 900}", "https://shop.example/a"),
    ],
)
def test_what_is_kept(typed: str, kept: str) -> None:
    assert origin_and_path(typed) == kept and len(kept) <= LONGEST
    assert origin_and_path(kept) == kept  # the form and booking both ask


@pytest.mark.parametrize(
    "typed",
    [
        "moving",
        "//shop.example/",
        "shop.example/moving",
        "https:/shop.example",
        "https://",
        "https://-/",
        "https://shop.example:port/",
        "javascript:alert(1)//https://shop.example/",
        "data:text/html,https://shop.example/",
        "file:///etc/passwd",
        "null/moving",
        "http\u017f://shop.example/",  # “ſ”: an “s” in capitals
        "https://\u212aelvin.example/",
        "https://shöp.example/",
        "https://shop.example/größe",
        "https://evil.example\\@shop.example/",
        "https://shop.example/\\evil",
        'https://shop.example/"onclick=',
        "https://shop.example/<script>",
        "https://shop.example/a b",
        "https://shop.example/a\r\nb",
        f"https://{'x' * 200}.example/",
    ],
)
def test_what_is_none(typed: str) -> None:
    with pytest.raises(InvalidInput, match=r"^This is no address of a web page\. Write") as refused:
        origin_and_path(typed)
    assert refused.value.field == "page"
    assert on_one_of(SHOP, typed) == ""


def test_only_pages_of_these_origins() -> None:
    for page in ("https://shop.example/moving", "https://www.shop.example:8443/", SHOP[0]):
        assert on_one_of(SHOP, f"{page}?a#b") == page
    for other in (
        "http://shop.example/",
        "https://shop.example:8443/",
        "https://shop.example.evil.example/",
        "https://evil.example/https://shop.example",
        "https://shop.example@evil.example/",
        "",
    ):
        assert on_one_of(SHOP, other) == ""
    assert on_one_of((), "https://shop.example/") == ""


def test_as_people_say_it() -> None:
    assert shown("https://larkmoor.example/moving/") == "larkmoor.example/moving"
    assert shown("http://larkmoor.example") == "larkmoor.example"
