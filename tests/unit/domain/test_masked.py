"""An e-mail address as a page may show it."""

from asterisk_callback.domain.email_address import mask


def test_masked() -> None:
    assert mask("maria@example.org") == "m•••@example.org"
    assert mask("") == ""
