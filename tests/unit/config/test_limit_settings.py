"""Limits and trunks go from the configuration to the domain whole: no key can be forgotten."""

from dataclasses import fields
from typing import Any

from asterisk_callback.config.limits import CallLimitSettings, LimitSettings
from asterisk_callback.config.settings import NumberSettings, TrunkSettings
from asterisk_callback.domain.limits import CallLimits, Limits
from asterisk_callback.domain.phone import NumberRules
from asterisk_callback.domain.trunk import Trunk

OF_CALLS = set(CallLimitSettings.model_fields)


def test_what_is_not_set_is_the_domains() -> None:
    assert LimitSettings().rules == Limits()
    assert CallLimitSettings().call_limits == CallLimits()


def test_each_limit_arrives() -> None:
    names = LimitSettings.model_fields
    given = LimitSettings(**{name: 31 + number for number, name in enumerate(names)})
    asked, calls = given.rules, given.rules.calls
    arrived = [getattr(asked, one.name) for one in fields(asked) if one.name != "calls"]
    arrived += [getattr(calls, one.name) for one in fields(calls)]
    assert sorted(arrived) == [31 + number for number in range(len(names))]


def test_sections_that_are_handed_on_whole_have_the_names_of_the_domain() -> None:
    assert set(TrunkSettings.model_fields) - OF_CALLS == names_of(Trunk) - {"name", "limits"}
    assert set(NumberSettings.model_fields) == names_of(NumberRules) - {"home"}


def names_of(made: Any) -> set[str]:
    return {field.name for field in fields(made)}
