"""Which numbers short messages can reach, by the number's type in libphonenumber."""

import re

import phonenumbers
from phonenumbers import PhoneNumberType

from asterisk_callback.domain.keyed_hash import is_erased

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def is_number(text: str) -> bool:
    """Is this a number of some country's plan, as E.164 has it?"""
    return bool(_E164.fullmatch(text)) and phonenumbers.is_valid_number(phonenumbers.parse(text))


def may_be_mobile(e164: str) -> bool:
    """Can a short message reach this number? Where mobiles and landlines share their ranges, as in
    North America, the number does not tell: then it may be one. One that was erased is none."""
    if is_erased(e164):
        return False
    kind = phonenumbers.number_type(phonenumbers.parse(e164))
    return kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
