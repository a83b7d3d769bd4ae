"""Which texts are one e-mail address, and where mail for it goes."""

import pytest

from asterisk_callback.domain.email_address import is_address, mailbox, on_envelope


@pytest.mark.parametrize(
    ("typed", "envelope"),
    [
        ("info@xn--h1alffa9f.xn--p1ai", "info@xn--h1alffa9f.xn--p1ai"),
        ("info@россия.рф", "info@xn--h1alffa9f.xn--p1ai"),
        ("info@डाटामेल.भारत", "info@xn--c2bd4bq1db8d.xn--h2brj9c"),
        ("info@faß.de", "info@xn--fa-hia.de"),
        ("o'brien+x@mail.Example.ORG", "o'brien+x@mail.Example.ORG"),
    ],
)
def test_an_address_and_its_envelope(typed: str, envelope: str) -> None:
    assert is_address(typed)
    assert on_envelope(typed) == envelope
    assert mailbox(typed) == mailbox(envelope)


@pytest.mark.parametrize(
    "typed",
    [
        *("", "a", "a@b", "@example.org", "a@", "a@b@example.org", "a b@example.org"),
        *("<a@example.org>", "A <a@example.org>", "a@example.org,b@example.org"),
        *("a@example.org\n", "a@exa\u202emple.org", "a@-example.org", "a@example..org"),
        *("a@1.2.3.4", "a@i❤.ws", f"a@{'ü' * 60}.example", f"{'a' * 65}@example.org"),
        f"a@{'b.' * 125}org",
    ],
)
def test_what_is_no_address(typed: str) -> None:
    assert not is_address(typed)


def test_another_domain_is_another_mailbox() -> None:
    assert mailbox("info@faß.de") != mailbox("info@fass.de")
