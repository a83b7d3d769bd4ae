"""The languages of the pages: which one a reader gets, and how it writes days and times.

A language is a row here and a folder in asterisk_callback/translations/; tests/unit/structure holds
its catalogue to every sentence that a customer can meet.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from urllib.parse import urlencode

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.lists import format_list
from flask import Flask, Response, current_app, g, request, session
from flask_babel import Babel, gettext

from asterisk_callback.domain import languages as words
from asterisk_callback.domain.errors import CallbackError
from flask_app.shared.app_services import parts


@dataclass(frozen=True, kw_only=True, slots=True)
class Language:
    """code: ISO 639. name: as its own readers write it. day: CLDR pattern of a day without year."""

    code: str
    name: str
    day: str
    dir: str = "ltr"


LANGUAGES = {
    one.code: one
    for one in (
        Language(code="en", name="English", day="EEEE d MMMM"),
        Language(code="de", name="Deutsch", day="EEEE, d. MMMM"),
        Language(code="es", name="Español", day="EEEE d 'de' MMMM"),
        Language(code="ar", name="العربية", day="EEEE d MMMM", dir="rtl"),
    )
}


def register(app: Flask) -> None:
    folder = str(words.TRANSLATIONS)
    Babel(app, locale_selector=chosen, default_translation_directories=folder)
    app.after_request(_name_language)
    app.jinja_env.filters["capital"] = capital
    app.jinja_env.globals.update(language=language, languages=offered, in_language=_address)


def _name_language(response: Response) -> Response:
    """A page says in its header, too, in which language it is. The API speaks English."""
    if "language" in g and response.mimetype == "text/html":
        response.content_language.add(g.language)
        if g.language == "es" and response.status_code != 304:
            response.set_data(words.spanish_hours(response.get_data(as_text=True)))
    return response


def offered() -> tuple[Language, ...]:
    """The company's languages, its own first."""
    return tuple(LANGUAGES[code] for code in parts().languages)


def chosen() -> str:
    """The reader's language: what they chose on a page, else what their browser asks for.

    A choice (`?lang=de`) is kept in the session's cookie.
    """
    if "language" not in g and request.blueprint in current_app.extensions["staff_blueprints"]:
        g.language = "en"  # the staff pages have no other: nor have their days and times
    if "language" not in g:
        codes = list(parts().languages)
        asked = request.args.get("lang", "")
        if asked in codes:
            session["language"] = asked
        kept = session.get("language")
        # Without a match the company's own language; "de-AT" matches "de".
        g.language = kept if kept in codes else request.accept_languages.best_match(codes)
        g.language = g.language or codes[0]
    return str(g.language)


def choose_without_cookie() -> None:
    """For pages inside other websites, where no cookie is set: the address says it each time."""
    codes = list(parts().languages)
    asked = request.args.get("lang", "")
    g.language = asked if asked in codes else request.accept_languages.best_match(codes)
    g.language = g.language or codes[0]


def language() -> Language:
    """The language of the page that is being made."""
    return LANGUAGES[chosen()]


def say(error: CallbackError) -> str:
    """The sentence of an error of the core, in the reader's language."""
    said: str = gettext(error.template)
    return said.format(**error.values) if error.values else said


def capital(text: str) -> str:
    """With a large first letter, and no other changed: German nouns and weekdays keep theirs."""
    return text[:1].upper() + text[1:]


def clock(moment: datetime) -> str:
    """The time of day of a local time, as the reader's country writes it: 14:05 or 2:05 PM."""
    return _clock(locale(), moment.hour, moment.minute)


@lru_cache(maxsize=8192)
def _clock(locale: Locale, hour: int, minute: int) -> str:
    """Kept: the form writes a thousand of them."""
    return format_time(time(hour, minute), "short", locale=locale)


def day(moment: date) -> str:
    """A day with its weekday and without its year, such as Monday 23 November."""
    return _day(locale(), language().day, moment.toordinal())


@lru_cache(maxsize=1024)
def _day(locale: Locale, pattern: str, ordinal: int) -> str:
    return format_date(date.fromordinal(ordinal), pattern, locale=locale)


def region_name(region: str) -> str:
    """The name of an ISO 3166 region, or the code itself if it has none."""
    return locale().territories.get(region) or region


def listed(words: Iterable[str]) -> str:
    """14:45, 15:00 and 15:30"""
    return format_list(list(words), locale=locale())


def place(zone: str) -> str:
    """The name of a zone as people say it: its city."""
    city = locale().time_zones.get(zone, {}).get("city")
    return city or zone.rpartition("/")[2].replace("_", " ")


def weekday(moment: date) -> str:
    """Mon"""
    return format_date(moment, "EEE", locale=locale())


def weekday_name(weekday: int) -> str:
    """Monday, for 0"""
    return str(locale().days["stand-alone"]["wide"][weekday])


def first_weekday() -> int:
    """What weeks begin with in the reader's country; Monday is 0."""
    return int(locale().first_week_day)


def short_day(moment: date) -> str:
    """23 Nov"""
    return format_skeleton("MMMd", moment, locale=locale())


def short_date(moment: date, *, year: bool = False) -> str:
    """Mon 23 Nov, or Mon 23 Nov 2026"""
    day = format_skeleton("yMMMd", moment, locale=locale()) if year else short_day(moment)
    return f"{weekday(moment)} {day}"


def locale() -> Locale:
    """The reader's language as the company's country writes it."""
    return _locale_of(chosen(), parts().number_rules.home)


@lru_cache(maxsize=64)
def _locale_of(code: str, region: str) -> Locale:
    """The language as the company's country writes it, if people there do.

    Found once: Babel looks for one that it does not know in all its files, each time.
    """
    try:
        return Locale.parse(f"{code}_{region}")
    except UnknownLocaleError:
        return Locale.parse(code)


def _address(code: str) -> str:
    """This page in another language. Its other arguments are kept."""
    kept = {key: text for key, text in request.args.items() if key != "lang"}
    return "?" + urlencode(kept | {"lang": code})
