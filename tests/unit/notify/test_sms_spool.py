"""A gateway of one's own: a spool folder, its files as smstools reads them."""

import os
import stat
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from asterisk_callback.notify.channels.gsm7 import is_gsm7, parts, plain
from asterisk_callback.notify.channels.sms import TAKEN_WITHIN, SpooledSms
from asterisk_callback.services.telling.channel import Envelope, ServerAway

CUSTOMER = "+447400000123"
ENVELOPE = Envelope(
    id="callback-1",
    written_at=datetime(2026, 11, 24, 10, tzinfo=UTC),
    numbers=[CUSTOMER],
    short="Larkmoor: we call you – at 10:00. https://call.example.org/c/s3cret",
)


@pytest.fixture
def gateway(tmp_path: Path) -> SpooledSms:
    return SpooledSms(folder=tmp_path)


def test_a_file_as_the_gateway_reads_it(gateway: SpooledSms) -> None:
    gateway.send(ENVELOPE)
    [file] = gateway.folder.iterdir()
    head, _, text = file.read_text("utf-8").partition("\n\n")
    assert head.splitlines() == ["To: 447400000123", "Alphabet: UTF-8"]
    assert text == "Larkmoor: we call you - at 10:00. https://call.example.org/c/s3cret"
    # The gateway is another user, of the folder's group; and nobody else reads numbers.
    assert stat.S_IMODE(file.stat().st_mode) == 0o660
    assert "7400000123" not in file.name


def test_a_second_try_is_no_second_message(gateway: SpooledSms) -> None:
    """Our process died before it could note that it was sent."""
    gateway.send(ENVELOPE)
    gateway.send(ENVELOPE)
    assert len(list(gateway.folder.iterdir())) == 1


def test_a_half_file_of_one_that_died_stops_nobody(gateway: SpooledSms) -> None:
    gateway.send(ENVELOPE)
    [file] = gateway.folder.iterdir()
    for left in (file.with_name(f"unfinished-{file.name}.LOCK"), gateway.folder / "other.LOCK"):
        left.touch()
        os.utime(left, (0, 0))
    gateway.send(ENVELOPE)


def test_no_half_file_is_ever_there(gateway: SpooledSms, monkeypatch: pytest.MonkeyPatch) -> None:
    """smsd passes over what ends in .LOCK."""
    seen: list[str] = []
    real = os.fchmod

    def look(descriptor: int, mode: int) -> None:
        seen.extend(one.suffix for one in gateway.folder.iterdir())
        real(descriptor, mode)

    monkeypatch.setattr(os, "fchmod", look)
    gateway.send(ENVELOPE)
    assert seen == [".LOCK"]


def test_a_gateway_that_takes_nothing_is_away(gateway: SpooledSms) -> None:
    """Else all would count as sent, and nobody would hear of it."""
    gateway.send(ENVELOPE)
    [file] = gateway.folder.iterdir()
    old = time.time() - TAKEN_WITHIN.total_seconds() - 1
    os.utime(file, (old, old))
    with pytest.raises(ServerAway, match="takes no message"):
        gateway.send(ENVELOPE)
    file.unlink()
    gateway.send(ENVELOPE)


def test_files_of_others_are_not_ours_to_judge(gateway: SpooledSms) -> None:
    other = gateway.folder / "of-another-program"
    other.touch()
    os.utime(other, (0, 0))
    gateway.send(ENVELOPE)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ServerAway, match="not there"):
        SpooledSms(folder=tmp_path / "none").send(ENVELOPE)


@pytest.mark.parametrize(
    ("text", "sent", "count"),
    [
        ("We’ll call… 10:00–10:15", "We'll call... 10:00-10:15", 1),
        ("Le llamamos a las 10:00, ¡adiós señor!", "Le llamamos a las 10:00, ¡adios señor!", 1),
        ("Grüße aus Köln: 5 €", "Grüße aus Köln: 5 €", 1),
        ("سنتصل بك الساعة 10:00", "سنتصل بك الساعة 10:00", 1),
        ("Łódź", "Łódź", 1),  # Ł has no plain letter in it: all stays as it is written
        ("x" * 160, "x" * 160, 1),
        ("x" * 161, "x" * 161, 2),
        ("€" * 80, "€" * 80, 1),
        ("€" * 81, "€" * 81, 2),
        ("س" * 70, "س" * 70, 1),
        ("س" * 71, "س" * 71, 2),
    ],
)
def test_the_alphabet_of_short_messages(text: str, sent: str, count: int) -> None:
    assert plain(text) == sent
    assert parts(sent) == count


def test_what_is_no_letter_of_it_is_found() -> None:
    assert is_gsm7("@£$ ÄÖ {}") and not is_gsm7("á")
