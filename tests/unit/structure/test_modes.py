"""What a mode means stands in one table: nothing else asks which mode it is."""

import ast
from collections.abc import Iterator
from pathlib import Path

from asterisk_callback.domain.mode import MODES, ClaimedBy, DeliveryMode, RingsFirst, words_of

ROOT = Path(__file__).resolve().parents[3]
# Which half of an Originate's channel does what differs by mode, and stands there.
MAY_COMPARE = {"asterisk_callback/telephony/originate.py": 4}


def comparisons(tree: ast.AST) -> Iterator[ast.AST]:
    """Each place that compares with a mode, or matches one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare | ast.MatchValue) and any(
            _is_mode(one) for one in ast.walk(node)
        ):
            yield node


def _is_mode(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "DeliveryMode"
    )


def test_nothing_but_the_originate_asks_which_mode_it_is() -> None:
    found = {}
    for package in ("asterisk_callback", "flask_app"):
        for path in (ROOT / package).rglob("*.py"):
            some = list(comparisons(ast.parse(path.read_text())))
            if some:
                found[str(path.relative_to(ROOT))] = len(some)
    assert found == MAY_COMPARE, "ask DeliveryMode.rules (domain/mode.py)"


def test_no_template_asks_which_mode_it_is() -> None:
    named = {f"{quote}{mode}{quote}" for mode in DeliveryMode for quote in "\"'"}
    for folder in ("asterisk_callback", "flask_app"):
        for path in [*(ROOT / folder).rglob("*.html"), *(ROOT / folder).rglob("*.txt")]:
            text = path.read_text()
            assert not [one for one in named if one in text], path


def test_every_mode_has_its_rules() -> None:
    assert set(MODES) == set(DeliveryMode)
    for mode in DeliveryMode:
        rules = mode.rules
        assert rules.makes_calls == (rules.rings_first is not RingsFirst.NOBODY)
        assert not (rules.agent_first and rules.customer_first)
        # Who has the callback at a console is on the line before the customer is.
        assert rules.claimed_by is not ClaimedBy.AGENT or rules.agent_first


def test_a_form_for_several_modes_says_what_holds_in_each() -> None:
    assert (
        words_of([DeliveryMode.AGENT_FIRST, DeliveryMode.PREVIEW])
        == DeliveryMode.AGENT_FIRST.rules.words
    )
    assert (
        words_of([DeliveryMode.AGENT_FIRST, DeliveryMode.NOTIFY])
        == DeliveryMode.CUSTOMER_FIRST.rules.words
    )
    assert words_of([DeliveryMode.NOTIFY]) == DeliveryMode.NOTIFY.rules.words
