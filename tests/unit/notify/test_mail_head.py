"""Heads of mails: whatever is in a name, a reader sees it as typed, and no header comes of it."""

import re
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_callback.notify.channels import mail_head
from asterisk_callback.notify.channels.mail_head import Head
from tests.factories import NOW


def read(line: str) -> str:
    """What a reader's program shows of a line."""
    value = line.partition(": ")[2].replace("\r\n", "")
    return str(make_header(decode_header(value)))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_a_line_of_text_is_read_as_it_was_written(value: str) -> None:
    line = mail_head.text("Subject", value)
    assert max(map(len, line.split("\r\n"))) <= mail_head.LINE
    assert all(len(word) <= 75 for word in re.findall(r"=\?\S+\?=", line))
    assert all(more.startswith(" ") for more in line.split("\r\n")[1:])
    assert line.isascii() and line.replace("\r\n", "").isprintable()
    wanted = "".join(" " if mail_head._shown(sign) == "" else sign for sign in value)
    assert read(line) == " ".join(wanted.split())


@pytest.mark.parametrize(
    ("mailbox", "written"),
    [
        ("ops@example.org", "ops@example.org"),
        ("Night Shift <n@example.org>", "Night Shift <n@example.org>"),
        ('"Larkmoor, Inc." <n@example.org>', '"Larkmoor, Inc." <n@example.org>'),
        ("Söhne <n@example.org>", "=?utf-8?q?S=C3=B6hne?= <n@example.org>"),
        ("=?u?q?=0A?= <n@faß.de>", "=?utf-8?b?PT91P3E/PTBBPz0=?= <n@xn--fa-hia.de>"),
        ("a..b@example.org", '"a..b"@example.org'),
    ],
)  # fmt: skip
def test_a_mailbox_is_written_so_that_every_server_reads_it(mailbox: str, written: str) -> None:
    assert mail_head.mailboxes("To", [mailbox]) == f"To: {written}"


def test_many_mailboxes_with_long_names_stay_in_short_lines() -> None:
    names = ["Ж" * 80, "A" * 90, "x " * 60]
    given_all = [f"{name.strip()} <somebody@example.org>" for name in names]
    line = mail_head.mailboxes("To", given_all)
    assert max(map(len, line.split("\r\n"))) <= mail_head.LINE
    with pytest.raises(ValueError, match="address"):
        Head(sender="a@example.org", to=["b"], subject="", date=NOW, id="1").written()
