"""Each language has every sentence that a customer can meet, and what is compiled is what stands
in its catalogue. `make messages` brings new sentences in; they are then to be translated.
"""

import re
from gettext import c2py
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from asterisk_callback.domain import errors
from asterisk_callback.domain import languages as words
from flask_app.shared import languages

ROOT = Path(__file__).resolve().parents[3]
FOLDER = words.TRANSLATIONS
MAILS = ROOT / "asterisk_callback" / "notify" / "templates"
SCRIPT = (ROOT / "scripts" / "messages.sh").read_text()
OTHERS = [code for code in words.LANGUAGES if code != "en"]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")

# Errors that no customer is told of, or whose sentence stands as N_ in their own class.
ELSEWHERE = {
    "AmbiguousNumber",
    "CallbackError",
    "DatabaseUnfit",
    "InvalidInput",
    "SlotTaken",
    "QueueClosed",
    "QueueFull",
    "NotOffered",
    "IllegalTransition",
    "Occupied",
    "StaleWrite",
    "StoreUnavailable",
    "NotPossibleForStaff",
}


def error_keywords() -> set[str]:
    """The error classes whose sentences scripts/messages.sh takes in."""
    found = re.search(r"for error in (.*?); do", SCRIPT, re.S)
    assert found is not None
    return set(found[1].replace("\\\n", " ").split())


@pytest.fixture(scope="module")
def sentences() -> dict[str, Message]:
    """What code and templates say now, by the English singular."""
    marks = ["N_", "InvalidInput:2", *sorted(error_keywords())]
    keywords = DEFAULT_KEYWORDS | parse_keywords(marks)
    with (ROOT / "asterisk_callback" / "babel.cfg").open() as config:
        methods, options = parse_mapping_cfg(config)  # type: ignore[no-untyped-call]
    catalog = Catalog()
    for package in ("asterisk_callback", "flask_app"):
        found = extract_from_dir(ROOT / package, methods, options, keywords)
        for _, _, message, _, _ in found:
            catalog.add(message)
    return {singular(one): one for one in catalog if one.id}


def singular(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def catalogue(code: str) -> Catalog:
    with (FOLDER / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=code)


def forms(message: Message) -> list[tuple[int, str]]:
    """Each translated form with its number."""
    texts = [message.string] if isinstance(message.string, str) else message.string
    return list(enumerate(texts or ()))


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_is_translated(code: str, sentences: dict[str, Message]) -> None:
    found = {singular(one): one for one in catalogue(code) if one.id}
    assert sorted(set(sentences) - set(found)) == [], "run: make messages, and translate"
    assert sorted(set(found) - set(sentences)) == [], "no longer said; run: make messages"
    assert [name for name, one in found.items() if not all(text for _, text in forms(one))] == []
    assert [name for name, one in found.items() if one.fuzzy] == []
    assert [name for name, one in found.items() if one.id != sentences[name].id] == []
    assert list(catalogue(code).obsolete) == []


@pytest.mark.parametrize("code", OTHERS)
def test_every_form_has_its_placeholders(code: str) -> None:
    for message in catalogue(code):
        if not message.id:
            continue
        wanted = PLACEHOLDER.findall(
            message.id if isinstance(message.id, str) else message.id[1],
        )
        for form, text in forms(message):
            has = sorted(PLACEHOLDER.findall(text))
            if isinstance(message.id, tuple) and one_number(code, form):
                # "One person" needs no number.
                has = sorted({*has, *(one for one in wanted if "num" in one)})
            assert has == sorted(wanted), (code, message.id, text)


def one_number(code: str, form: int) -> bool:
    """Does this form of the plural hold for one number only, such as 1 or 2?"""
    rule = c2py(catalogue(code).plural_expr)
    return sum(rule(number) == form for number in range(300)) == 1


@pytest.mark.parametrize("code", OTHERS)
def test_what_is_compiled_is_the_catalogue(code: str) -> None:
    compiled = BytesIO()
    write_mo(compiled, catalogue(code))
    file = FOLDER / code / "LC_MESSAGES" / "messages.mo"
    assert file.read_bytes() == compiled.getvalue(), "run: make messages"


def test_every_error_of_the_core_is_taken_in() -> None:
    classes = {
        name
        for name, one in vars(errors).items()
        if isinstance(one, type) and issubclass(one, errors.CallbackError)
    }
    assert error_keywords() | ELSEWHERE == classes


@pytest.mark.parametrize("folder", [FOLDER, MAILS])
def test_every_language_is_everywhere(folder: Path) -> None:
    assert set(words.LANGUAGES) == set(languages.LANGUAGES)
    found = {one.name for one in folder.iterdir() if one.is_dir()}
    assert found == (set(words.LANGUAGES) if folder is MAILS else set(OTHERS))
    if folder is MAILS:
        names = [sorted(one.name for one in (MAILS / code).iterdir()) for code in words.LANGUAGES]
        assert all(one == names[0] for one in names)
