"""Phone numbers: what people type, what is refused and why, and what is never shown."""

import re
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_callback.domain.errors import (
    AmbiguousNumber,
    InvalidInput,
    InvalidNumber,
    NumberNotAllowed,
)
from asterisk_callback.domain.keyed_hash import stand_in
from asterisk_callback.domain.phone import (
    NumberRules,
    NumberType,
    calling_code,
    example,
    judge,
    mask,
    mask_short,
    parse,
    written,
)  # fmt: skip
from tests.factories import RULES, complaint, number

ANY_WRITING = [
    "07400 123456",
    "+44 7400 123456",
    "+44 (0)7400 123456",
    "(07400) 123-456",
    "07400/123.456",
    "  07400 123456 ",
    "07400\u00a0123\u2013456",  # no-break space, en dash
    "0044 7400 123456",
]
LOOK_ALIKES = ["٠٧٤٠٠ ١٢٣٤٥٦", "０７４００ １２３４５６", "＋44 7400 123456", "𝟎𝟕𝟒𝟎𝟎𝟏𝟐𝟑𝟒𝟓𝟔"]

REFUSED_KINDS = {
    "0909 879 0000": "premium-rate",
    "0843 123 4567": "premium-rate",
    "055 1234 5678": "company-wide",
    "0300 123 1234": "company-wide",
    "070 1234 5678": "personal",
    "07626 123456": "pager",
    "0800 123 4567": "freephone",
    "056 1234 5678": "internet telephony",
    "+49 180 5 123456": "shared-cost",
    "+870 773111632": "satellite",
    "+881 6 3155 0000": "satellite",
    "+882 13 300655": "satellite",
    "+883 5100 0123 4567": "satellite",
    "+1 876 555 1234": "this country",
    "+252 61 1234567": "this country",
    "07911 123456": "this country",  # looks British, is Guernsey
    "112": "emergency",
    "999": "emergency",
    "１１２": "emergency",
}
NO_NUMBERS = {
    "": "Enter the phone number",
    "   ": "Enter the phone number",
    "abc": "digits only",
    "0x7400": "digits only",
    "0740O 123456": "digits only",  # a letter O
    "07400 123456 x12": "digits only",
    "07400123456;ext=3": "digits only",
    "++447400123456": "digits only",
    "+": "digits only",
    "${EXTEN}": "digits only",
    "07400,123456": "digits only",
    "07400123456&Local/0900": "digits only",
    "1": "too short",
    "0999": "too short",
    "116123": "too short",
    "+44 112": "too short",
    "07400 12345": "typing mistake",
    "+44 7400 1234567": "too long",
    "0" * 10_240: "too long",
    "+999 123456": "not a phone number",
    "()": "not a phone number",
}
INVISIBLE = ["\x00", "\r", "\n", "\r\nAction: Originate", "\t", "\x1b", "\x7f", "\u2028"]
# What is copied along from contacts, chats and documents.
MARKS = ["\u200b", "\u200e", "\u202a", "\u202c", "\u202d", "\u202e", "\u2066", "\u2069", "\ufeff",
         "\u00ad", "\u2060"]  # fmt: skip


@pytest.mark.parametrize("typed", ANY_WRITING + LOOK_ALIKES)
def test_any_writing_of_a_number_is_the_same_number(typed: str) -> None:
    found = parse(typed, RULES)
    assert (found.e164, found.digits, found.national, found.region) == (
        "+447400123456", "447400123456", "07400123456", "GB",
    )  # fmt: skip


@pytest.mark.parametrize(("typed", "named"), REFUSED_KINDS.items())
def test_kinds_that_only_a_fraudster_wants_called(typed: str, named: str) -> None:
    rules = NumberRules(home="GB", regions=("GB", "DE"))
    with pytest.raises(NumberNotAllowed, match=named) as refused:
        parse(typed, rules)
    assert refused.value.field == "phone"


@pytest.mark.parametrize(("typed", "named"), NO_NUMBERS.items(), ids=range(len(NO_NUMBERS)))
def test_what_is_no_number(typed: str, named: str) -> None:
    with pytest.raises(InvalidNumber, match=named):
        parse(typed, RULES)


@pytest.mark.parametrize("letter", INVISIBLE)
@pytest.mark.parametrize("where", [0, 6, 12])
def test_control_characters_are_refused_not_removed(letter: str, where: int) -> None:
    typed = "07400 123456"
    with pytest.raises(InvalidNumber, match="invisible"):
        parse(typed[:where] + letter + typed[where:], RULES)


@pytest.mark.case("CASES 3: what is copied along")
@pytest.mark.parametrize("letter", MARKS)
@pytest.mark.parametrize("where", [0, 1, 6, 12])
def test_marks_that_are_not_seen_are_dropped_first(letter: str, where: int) -> None:
    for typed in ("07400 123456", "+447400 12345 6"):
        found = parse(typed[:where] + letter + typed[where:], RULES)
        assert found.e164 == "+447400123456"


@pytest.mark.case("CASES 3: what is copied along")
@pytest.mark.parametrize(
    "typed",
    [
        "07400\u2212123\u2212456", "07400\u301c123456", "07400ー123ー456",
        "07400～123456", "07400ｰ123456", "(+44) 7400 123456", "( +44 ) 7400-123456",
        "tel:+447400123456", "Tel. 07400 123456", "TEL: 07400 123456", "Telefon 07400 123456",
        "07400 123456,", "07400 123456. ", "mob. 07400 123456;", "\u202a+44 7400 123456\u202c",
    ],
)  # fmt: skip
def test_what_is_copied_along_with_a_number(typed: str) -> None:
    assert parse(typed, RULES).e164 == "+447400123456"


@pytest.mark.case("CASES 3: the old 1 after +52")
@pytest.mark.parametrize("typed", ["+52 1 55 1234 5678", "+5215512345678", "55 1234 5678"])
def test_the_old_mobile_1_of_mexico_is_dropped(typed: str) -> None:
    assert parse(typed, NumberRules(home="MX", regions=("MX",))).e164 == "+525512345678"


AMBIGUOUS = [
    ("DE", "4915112345678", ("+49 1511 2345678", "+49 491 5112345678")),
    ("DE", "49 171 1234567", ("+49 171 1234567", "+49 491 711234567")),
    ("DE", "49(0)345279580", ("+49 345 279580", "+49 4903 45279580")),
]


@pytest.mark.case("CASES 3: a forgotten +")
@pytest.mark.parametrize(("home", "typed", "readings"), AMBIGUOUS)
def test_digits_that_are_two_numbers_are_asked_about(
    home: str, typed: str, readings: tuple[str, str]
) -> None:
    rules = NumberRules(home=home, regions=(home, "GB"))
    with pytest.raises(AmbiguousNumber) as asked:
        parse(typed, rules)
    assert asked.value.readings == readings
    assert f"Is that {readings[0]}?" in asked.value.sentence
    for reading in readings:  # each is a number that can be chosen
        assert parse(reading, rules)


@pytest.mark.case("CASES 3: a forgotten +")
@pytest.mark.parametrize(
    ("home", "typed", "e164"),
    [
        ("FI", "358401234567", "+358401234567"), ("PL", "48601123456", "+48601123456"),
        ("SK", "421905123456", "+421905123456"), ("IT", "393331234567", "+393331234567"),
        ("GB", "447400123456", "+447400123456"), ("DE", "0171 1234567", "+491711234567"),
        ("DE", "030 4912345", "+49304912345"), ("PL", "48 123 45 67", "+48481234567"),
    ],
)  # fmt: skip
def test_digits_that_are_one_number_only_are_it(home: str, typed: str, e164: str) -> None:
    assert parse(typed, NumberRules(home=home, regions=(home,))).e164 == e164


@pytest.mark.case("CASES 3: begins like an emergency number")
@pytest.mark.parametrize("typed", ["(0-37) 234567", "037 234567", "8 37 234567", "+370 37 234567"])
def test_a_line_in_kaunas_is_no_emergency(typed: str) -> None:
    rules = NumberRules(home="LT", regions=("LT",))
    assert parse(typed, rules).e164 == "+37037234567"
    for short in ("112", "03", "033"):
        with pytest.raises((NumberNotAllowed, InvalidNumber)):
            parse(short, rules)


@pytest.mark.case("CASES 3: a shared calling code")
@pytest.mark.parametrize(
    ("typed", "home", "kinds", "e164"),
    [
        ("07924 123456", "IM", (), "+447924123456"),
        ("0457 123456", "AX", (), "+358457123456"),
        ("41 23 45 67", "SJ", (), "+4741234567"),
        ("800 555 1234", "CA", (NumberType.TOLL_FREE,), "+18005551234"),
    ],
)
def test_a_listed_country_that_shares_its_code(
    typed: str, home: str, kinds: tuple[NumberType, ...], e164: str
) -> None:
    rules = NumberRules(
        home=home, regions=(home,), kinds=kinds or (NumberType.FIXED_LINE, NumberType.MOBILE)
    )
    found = parse(typed, rules)
    assert (found.e164, found.region) == (e164, home)
    assert judge(e164, rules) == found
    with pytest.raises(NumberNotAllowed):
        parse("900 555 1234" if home == "CA" else "+1 900 555 1234", rules)


@pytest.mark.parametrize(
    ("typed", "home", "regions", "e164"),
    [
        ("+91 11 2345 6789", "US", ("US", "IN"), "+911123456789"),  # begins like 911
        ("99 91 23 45", "NO", ("NO", "GB"), "+4799912345"),  # begins like 999
    ],
)
def test_a_number_that_begins_like_an_emergency_number(
    typed: str, home: str, regions: tuple[str, ...], e164: str
) -> None:
    assert parse(typed, NumberRules(home=home, regions=regions)).e164 == e164


@pytest.mark.parametrize("typed", ["911", "9-1-1", "112", "110"])
def test_emergency_numbers_of_every_allowed_region(typed: str) -> None:
    with pytest.raises(NumberNotAllowed, match="emergency"):
        parse(typed, NumberRules(home="GB", regions=("GB", "US", "DE")))


def test_the_chosen_country_reads_national_numbers() -> None:
    rules = NumberRules(home="GB", regions=("GB", "DE"))
    assert parse("030 901820", rules, country="DE").e164 == "+4930901820"
    assert parse("07400 123456", rules, country="no country").e164 == "+447400123456"


def test_a_number_of_a_country_that_we_do_not_ring_is_no_number_of_home() -> None:
    """0131 496 0100 of Germany, read as British, would be somebody's telephone in Edinburgh."""
    with pytest.raises((InvalidNumber, NumberNotAllowed)):
        parse("0131 496 0100", RULES, country="DE")
    with pytest.raises(NumberNotAllowed, match="country"):
        parse("030 901820", RULES, country="DE")


@pytest.mark.parametrize("typed", ["07400 123456", "+44 7400 123456"])
def test_ranges_that_are_never_rung(typed: str) -> None:
    rules = NumberRules(home="GB", regions=("GB",), refused=("+33", "+447400123"))
    for judged in (partial(parse, typed, rules), partial(judge, "+447400123456", rules)):
        with pytest.raises(NumberNotAllowed, match="such numbers"):
            judged()
    assert parse("07400 124456", rules)


def test_kinds_can_be_allowed() -> None:
    rules = NumberRules(home="GB", regions=("GB",), kinds=(NumberType.VOIP, NumberType.TOLL_FREE))
    assert parse("056 1234 5678", rules).e164 == "+445612345678"
    assert parse("0800 123 4567", rules).e164 == "+448001234567"
    with pytest.raises(NumberNotAllowed):
        parse("07400 123456", rules)


def test_the_gate_judges_by_the_rules_of_now() -> None:
    assert judge(number(7), RULES).e164 == number(7)
    with pytest.raises(NumberNotAllowed, match="country"):
        judge(number(7), NumberRules(home="DE", regions=("DE",)))


@given(st.from_regex(r"\+[0-9]{1,17}", fullmatch=True) | st.text(max_size=20))
def test_the_gate_survives_any_stored_text(stored: str) -> None:
    refused = complaint(lambda: judge(stored, RULES))
    assert refused.sentence if refused else judge(stored, RULES).e164 == stored


@given(st.text(max_size=60) | st.text("+0123456789 ()-.٣５\n\x00", max_size=60))
def test_any_text_is_a_number_or_a_clear_no(typed: str) -> None:
    """P14: whatever is typed, what comes out is digits, and parsing it again changes nothing."""
    refused = complaint(lambda: parse(typed, RULES))
    if refused:
        assert refused.sentence
        assert not re.search(r"\d{4}", refused.sentence)
        return
    found = parse(typed, RULES)
    assert re.fullmatch(r"\+44[0-9]{7,10}", found.e164)
    assert found.digits == found.e164[1:]
    assert re.fullmatch(r"[0-9]+", found.national)
    assert parse(found.e164, RULES) == judge(found.e164, RULES) == found


@given(st.integers(0, 999_999))
def test_a_mask_shows_the_last_three_digits_only(n: int) -> None:
    masked = mask(number(n))
    assert re.sub(r"\D", "", masked) == number(n)[-3:]
    assert set(masked) <= set("0123456789• ")


def test_a_mask_keeps_how_people_group_the_number() -> None:
    assert mask("+447400123456") == "••••• •••456"


@pytest.mark.parametrize("region", ["GB", "DE", "US", "NO"])
def test_the_example_of_a_region_can_be_typed(region: str) -> None:
    assert parse(example(region), NumberRules(home=region, regions=(region,))).region == region


def test_calling_codes() -> None:
    assert (calling_code("GB"), calling_code("XX"), example("XX")) == (44, 0, "")


@pytest.mark.parametrize(
    ("e164", "home", "shown"),
    [
        ("+442079460100", "GB", "020 7946 0100"),
        ("+442079460100", "DE", "+44 20 7946 0100"),
        ("+4930123456", "GB", "+49 30 123456"),
        ("+494915112345678", "DE", "0491 5112345678"),
        ("+393901234567", "IT", "+39 390 123 4567"),  # its digits are +39 0123 4567, too
    ],
)
def test_a_number_is_written_so_that_it_reads_as_the_same(e164: str, home: str, shown: str) -> None:
    assert written(e164, home) == shown
    rules = NumberRules(home=home, regions=("GB", "DE", "IT"))
    assert parse(shown, rules).e164 == e164


@pytest.mark.case("CASES 4: countries that lengthened their numbers")
@pytest.mark.parametrize(
    ("region", "old", "sentence", "new"),
    [
        ("CI", "07 12 34 56", "one of 01, 05, 07, 21, 25, 27", "07 07 12 34 56"),
        ("CI", "+225 21 21 21 21", "since 2021", "+225 27 21 21 21 21"),
        ("BJ", "97 12 34 56", "since 2024. Put 01 in front of yours", "01 97 12 34 56"),
        ("BJ", "+229 97 12 34 56", "Put 01 in front of yours", "+229 01 97 12 34 56"),
    ],
)
def test_a_number_from_before_they_became_longer(
    region: str, old: str, sentence: str, new: str
) -> None:
    rules = NumberRules(home=region, regions=(region,))
    with pytest.raises(InvalidNumber, match=sentence):
        parse(old, rules)
    assert len(parse(new, rules).digits) == 13
    elsewhere = NumberRules(home="GB", regions=("GB",))
    with pytest.raises(InvalidInput) as refused:
        parse(f"+{parse(new, rules).digits[:3]} 97 12 34 56", elsewhere)
    assert "in front of yours" not in str(refused.value)


def test_tables_show_three_digits_and_say_that_a_number_was_erased() -> None:
    assert mask_short("+447400123456") == "•••456"
    assert mask_short(stand_in("+447400123456", "key")) == "erased"
