"""Telephone numbers: from what a person typed to one E.164 number that we are willing to ring.

The rules come from Google's libphonenumber (the `phonenumbers` package); E.164 is ITU-T's
numbering plan. A public form that dials numbers is a fraud tool unless it refuses what only a
fraudster wants called, so everything is refused that is not an ordinary line in a listed region.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberType, ValidationResult, shortnumberinfo
from phonenumbers.phonenumberutil import _number_type_helper  # the kind in one named country

from asterisk_callback.domain.errors import (
    AmbiguousNumber,
    InvalidInput,
    InvalidNumber,
    NumberNotAllowed,
)
from asterisk_callback.domain.keyed_hash import is_erased
from asterisk_callback.domain.languages import N_

MAX_TYPED = 40
_TYPED = re.compile(r"\+?[\d\s().\-/]+")
# What stands for a dash in numbers, as keyboards of many countries write it, beside - itself: the
# dashes, the minus sign, and the Japanese wave dash, tilde and long vowel mark.
_DASH = re.compile("[\u2010-\u2015\u2043\u2212\u301c\u30fc~]")
# What people copy along with a number: a word in front, the end of a sentence.
_AROUND = re.compile(
    r"\s*(?:(?:tel|telephone|telefon|telefono|teléfono|téléphone|phone|mobile?|mob|cell|fon)\b"
    r"\s*[.:]*)?\s*(.*?)[\s,;.]*",
    re.IGNORECASE | re.DOTALL,
)
_CODE_IN_BRACKETS = re.compile(r"\(\s*\+\s*(\d{1,3})\s*\)")
_NATIONAL_ZERO = re.compile(r"\(\s*0\s*\)")
_MEXICO, _OLD_MOBILE = 52, re.compile("1[0-9]{10}")
# Countries whose numbers of eight digits became longer, and what came in front of them: Ivory Coast
# on 31 January 2021, by operator and kind; Benin on 30 November 2024 (both: their regulator's plan,
# as notified to ITU-T). Old ones stand on many cards.
_LONGER = {225: (2021, "01, 05, 07, 21, 25, 27"), 229: (2024, "01")}
_WAS_LONG = 8
_DIGITS = re.compile(r"\+?[0-9]{6,}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


class NumberType(StrEnum):
    """Kinds of numbers that can be allowed; everything else is always refused."""

    FIXED_LINE = "fixed_line"
    MOBILE = "mobile"
    VOIP = "voip"
    TOLL_FREE = "toll_free"


_KINDS = {
    PhoneNumberType.FIXED_LINE: NumberType.FIXED_LINE,
    PhoneNumberType.MOBILE: NumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberType.FIXED_LINE,
    PhoneNumberType.VOIP: NumberType.VOIP,
    PhoneNumberType.TOLL_FREE: NumberType.TOLL_FREE,
}
_REFUSED = {
    PhoneNumberType.PREMIUM_RATE: N_(
        "We can’t call premium-rate numbers. Enter a mobile or landline number."
    ),
    PhoneNumberType.SHARED_COST: N_(
        "We can’t call shared-cost numbers. Enter a mobile or landline number."
    ),
    PhoneNumberType.PERSONAL_NUMBER: N_(
        "We can’t call personal numbers. Enter a mobile or landline number."
    ),
    PhoneNumberType.PAGER: N_("We can’t call pager numbers. Enter another one."),
    PhoneNumberType.UAN: N_(
        "We can’t call company-wide numbers. Enter a mobile or landline number."
    ),
    PhoneNumberType.VOICEMAIL: N_(
        "We can’t call voicemail numbers. Enter a mobile or landline number."
    ),
    PhoneNumberType.VOIP: N_(
        "We can’t call internet telephony numbers. Enter a mobile or landline number."
    ),
    PhoneNumberType.TOLL_FREE: N_(
        "We can’t call freephone numbers. Enter a mobile or landline number."
    ),
}
_REFUSED_KIND = N_("We can’t call such numbers. Enter a mobile or landline number.")


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberRules:
    """regions: ISO 3166 codes that may be rung. home: the region of numbers typed without `+`.
    refused: ranges that are never rung, as the first digits of an E.164 number with its `+`."""

    home: str
    regions: Collection[str]
    kinds: Collection[NumberType] = (NumberType.FIXED_LINE, NumberType.MOBILE)
    refused: Collection[str] = ()

    def __post_init__(self) -> None:
        """Judgements are kept by their rules, which so must be hashable."""
        for name in ("regions", "kinds", "refused"):
            object.__setattr__(self, name, frozenset(getattr(self, name)))


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneNumber:
    """A number as the dial string's template may use it: each field is digits (e164 with a `+`)."""

    e164: str
    digits: str
    national: str
    region: str


def parse(typed: str, rules: NumberRules, *, country: str | None = None) -> PhoneNumber:
    """The number that a person typed. The one function for the form, the API and the console.

    country: the region chosen beside the field, for numbers without `+`, whether we ring there or
    not (read as one of home it would be somebody else's number); the home region if None or
    unknown. Raises InvalidNumber if it is no number, AmbiguousNumber if it is one with and another
    without its country's code, NumberNotAllowed if it is one that we don't ring. Only the message
    of AmbiguousNumber repeats the number.
    """
    region = country if country is not None and calling_code(country) else rules.home
    text = _plain(typed)
    _refuse_short_codes(text, rules, region)
    number = _read(text, region)
    _refuse_after_emergency(text, region, number)
    abroad = _with_its_code(text, region)
    if abroad is not None and abroad != number:
        readings = [one for one in (abroad, number) if _is_allowed(one, rules)]
        if len(readings) > 1:
            raise AmbiguousNumber([_international(one) for one in readings])
        number = readings[0] if readings else number
    return _finished(number, _judged(number, rules))


@lru_cache(maxsize=1024)
def judge(e164: str, rules: NumberRules) -> PhoneNumber:
    """The same judgement over a stored number, for the gate: the rules may have changed since. A
    call asks at its claim and twice at its gate; to work it out takes a quarter of a millisecond.

    Raises InvalidNumber or NumberNotAllowed.
    """
    if not _E164.fullmatch(e164):
        raise InvalidNumber(_NO_NUMBER)
    number = _read(e164, None)
    return _finished(number, _judged(number, rules))


def mask(e164: str) -> str:
    """The number with all but its last three digits hidden, grouped as people write it; of one
    that was erased, that it was."""
    if is_erased(e164):
        return "erased"
    shown = phonenumbers.format_number(
        phonenumbers.parse(e164, None), phonenumbers.PhoneNumberFormat.NATIONAL
    )
    hide = sum(letter.isdigit() for letter in shown) - 3
    hidden = ""
    for letter in shown:
        if letter.isdigit() and hide > 0:
            hidden += "•"
            hide -= 1
        else:
            hidden += letter if letter.isdigit() else " "
    return " ".join(hidden.split())


def mask_short(e164: str) -> str:
    """Return the last three digits behind •••, for tables; of an erased number, that it is."""
    shown = mask(e164)
    return f"•••{shown[-3:]}" if shown[-1].isdigit() else shown


def region_of(e164: str) -> str:
    """The country of a number (ISO 3166); "" if it has none that is known."""
    return phonenumbers.region_code_for_number(phonenumbers.parse(e164)) or ""


def written(e164: str, home: str) -> str:
    """The number as people in the home country write it, and as `parse` reads it there: a foreign
    one with its country's code, and one whose digits alone could be two. Of one that was erased,
    ""."""
    if is_erased(e164):
        return ""
    number = phonenumbers.parse(e164, None)
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    ours = number.country_code == phonenumbers.country_code_for_region(home)
    return (
        str(national) if ours and _with_its_code(national, home) is None else _international(number)
    )


def redact(text: str) -> str:
    """Replace what may be a telephone number in free text (a note, a trunk's own words) by •••."""
    return _DIGITS.sub("•••", text)


def example(region: str) -> str:
    """A number of that region as an example for the form, in its national writing."""
    number = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    if number is None:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


def calling_code(region: str) -> int:
    """The country calling code of a region, such as 44 for GB; 0 if there is none."""
    return phonenumbers.country_code_for_region(region)


_NO_NUMBER = N_(
    "This is not a phone number. Enter a mobile or landline number, with its area code."
)


_EMERGENCY = N_("We can’t call emergency numbers. Enter your own number.")


def _plain(typed: str) -> str:
    """The typed text without what surrounds the number. Marks that are not seen come along when a
    number is copied, and libphonenumber takes them for letters: they are dropped. Control
    characters and line ends are refused."""
    text = "".join(letter for letter in typed if unicodedata.category(letter) != "Cf").strip(" ")
    if any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in text):
        raise InvalidNumber("The number contains an invisible character. Type it in by hand.")
    text = _DASH.sub("-", unicodedata.normalize("NFKC", text))
    if not text.strip():
        raise InvalidNumber("Enter the phone number on which we can reach you.")
    if len(text) > MAX_TYPED:
        raise InvalidNumber("This number is too long. A phone number has at most 15 digits.")
    around = _AROUND.fullmatch(text)
    text = _CODE_IN_BRACKETS.sub(r"+\1 ", around[1] if around else text, count=1)
    if not _TYPED.fullmatch(text):
        raise InvalidNumber("Use digits only. Spaces are fine, and so is a + at the start.")
    return text


def _read(text: str, region: str | None) -> phonenumbers.PhoneNumber:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise InvalidNumber(_NO_NUMBER) from error
    national = str(number.national_number)
    if number.country_code == _MEXICO and _OLD_MOBILE.fullmatch(national):
        # Dialled before mobiles from abroad until 2019 (IFT's numbering plan), and still written.
        number.national_number = int(national[1:])
    return number


def _with_its_code(text: str, region: str) -> phonenumbers.PhoneNumber | None:
    """Digits without `+` that begin like their own country's code, read as if the `+` had been
    forgotten; None if that is no number. 4915112345678 is a mobile of Germany, and with an area
    code in front of it a line in Friesland: both are real."""
    digits = _digits(_NATIONAL_ZERO.sub("", text))
    if text.startswith("+") or not digits.startswith(str(calling_code(region))):
        return None
    try:
        number = _read(f"+{digits}", None)
    except InvalidNumber:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _digits(text: str) -> str:
    return "".join(str(unicodedata.digit(letter)) for letter in text if letter.isdigit())


def _refuse_short_codes(text: str, rules: NumberRules, region: str) -> None:
    """Emergency and short codes, before anything else: parsing reads 112 as a subscriber."""
    digits = _digits(text)
    if any(
        shortnumberinfo.is_emergency_number(digits, code)
        for code in {region, rules.home, *rules.regions}
    ):
        raise NumberNotAllowed(_EMERGENCY)
    if 0 < len(digits) <= 4:
        raise InvalidNumber("This number is too short. Enter it with its area code.")


def _refuse_after_emergency(text: str, region: str, number: phonenumbers.PhoneNumber) -> None:
    """Digits after an emergency number still reach it where all is dialled as it stands, unless
    the whole is a number of the plan: +91 11 … is Delhi and not 911, a Norwegian 999 12 345 is not
    the British 999, and 037 234567 is a line in Kaunas and not the Lithuanian 03."""
    begins = shortnumberinfo.connects_to_emergency_number(_digits(text), region)
    if begins and not text.startswith("+") and not phonenumbers.is_valid_number(number):
        raise NumberNotAllowed(_EMERGENCY)


def _is_allowed(number: phonenumbers.PhoneNumber, rules: NumberRules) -> bool:
    try:
        _judged(number, rules)
    except InvalidInput:
        return False
    return True


def _judged(number: phonenumbers.PhoneNumber, rules: NumberRules) -> str:
    """The listed country that it is a number of. Raises InvalidNumber, NumberNotAllowed."""
    _refuse_former(number, rules)
    _refuse_impossible(number)
    guessed = phonenumbers.region_code_for_number(number)
    if guessed == "001":
        raise NumberNotAllowed("We can’t call satellite and other worldwide numbers.")
    if shortnumberinfo.is_valid_short_number(number):
        raise NumberNotAllowed("We can’t call short codes. Enter a mobile or landline number.")
    if not phonenumbers.is_valid_number(number):
        raise InvalidNumber("We can’t find this number. Check it for a typing mistake.")
    kind = phonenumbers.number_type(number)
    if kind not in _KINDS:
        raise NumberNotAllowed(_REFUSED.get(kind, _REFUSED_KIND))
    listed = _listed(number, rules)
    kinds = [kind_there for _, kind_there in listed] or [kind]
    wanted = [kind_there for kind_there in kinds if _KINDS.get(kind_there) in rules.kinds]
    if not wanted:
        raise NumberNotAllowed(_REFUSED.get(kinds[0], _REFUSED_KIND))
    if not listed:
        raise NumberNotAllowed("We can’t call numbers in this country.")
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if e164.startswith(tuple(rules.refused)):
        raise NumberNotAllowed("We can’t call such numbers. Enter another one of yours.")
    regions = [code for code, there in listed if _KINDS.get(there) in rules.kinds]
    return next((code for code in (guessed, rules.home) if code in regions), regions[0])


def _listed(number: phonenumbers.PhoneNumber, rules: NumberRules) -> list[tuple[str, int]]:
    """The listed countries whose number it is, with its kind there. Countries that share a code
    share ranges, too: of 07924 libphonenumber says Britain, although it is Man's as well, and of
    each +1 800 the United States."""
    national = phonenumbers.national_significant_number(number)
    return [
        (code, _number_type_helper(national, metadata))
        for code in sorted(rules.regions)
        if phonenumbers.is_valid_number_for_region(number, code)
        and (metadata := PhoneMetadata.metadata_for_region(code)) is not None
    ]


def _refuse_former(number: phonenumbers.PhoneNumber, rules: NumberRules) -> None:
    """Of a listed country: what to put in front of a number from before they became longer."""
    code = number.country_code or 0
    year, front = _LONGER.get(code, (0, ""))
    listed = phonenumbers.region_code_for_country_code(code) in rules.regions
    was_long = len(phonenumbers.national_significant_number(number)) == _WAS_LONG
    if not (front and listed and was_long) or phonenumbers.is_valid_number(number):
        return
    if "," in front:
        raise InvalidNumber(
            N_(
                "Numbers in this country have ten digits since {year}. Put in front of yours what "
                "your operator added: one of {front}."
            ),
            year=year,
            front=front,
        )
    raise InvalidNumber(
        N_("Numbers in this country have ten digits since {year}. Put {front} in front of yours."),
        year=year,
        front=front,
    )


def _refuse_impossible(number: phonenumbers.PhoneNumber) -> None:
    if number.extension:
        raise InvalidNumber("We can’t dial extensions. Enter a direct number.")
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        raise InvalidNumber("This number is too short. Enter it with its area code.")
    if reason == ValidationResult.TOO_LONG:
        raise InvalidNumber("This number is too long. Check it for a digit too many.")
    if reason == ValidationResult.INVALID_COUNTRY_CODE:
        raise InvalidNumber("We don’t know this country code. Check the digits after the +.")


def _international(number: phonenumbers.PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def _finished(number: phonenumbers.PhoneNumber, region: str) -> PhoneNumber:
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return PhoneNumber(
        e164=e164,
        digits=e164[1:],
        national="".join(letter for letter in national if letter.isdigit()),
        region=region,
    )
