"""An e-mail address as a page may show it."""

from asterisk_callback.domain.email_address import masked


def test_masked() -> None:
    assert masked("maria@example.org") == "m•••@example.org"
    assert masked("") == ""
