"""The bar above every page of the inside: where one may go."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask, current_app, request, url_for

from asterisk_callback.domain.account import Role
from flask_app.inside.notices import told
from flask_app.inside.phone import presence
from flask_app.shared import access
from flask_app.shared.app_services import parts
from flask_app.shared.moments import ReaderClock


@dataclass(frozen=True, slots=True)
class NavItem:
    """label: in the bar. endpoint: the page, without which the entry is not shown. role: for whom,
    and for every higher one."""

    label: str
    endpoint: str
    role: Role


# In the order of the bar. Who signs in lands on the first that is theirs.
NAVIGATION = (
    NavItem("Console", "console.page", Role.AGENT),
    NavItem("Board", "board.page", Role.SUPERVISOR),
    NavItem("Reports", "reports.page", Role.SUPERVISOR),
    NavItem("Administration", "admin.page", Role.ADMINISTRATOR),
)


def register(app: Flask) -> None:
    app.jinja_env.globals.update(
        visit=access.visit,
        may=access.may,
        navigation=navigation,
        initials=initials,
        moment=moment,
        presence=presence,
        here_again=here_again,
        told=told,
        accent=lambda: parts().company.accent,
    )


def navigation() -> list[NavItem]:
    """The entries that are there and that who is asking may use."""
    there = current_app.view_functions
    found = [one for one in NAVIGATION if one.endpoint in there and access.may(one.role)]
    return [one for one in found if one.endpoint != "console.page" or _has_console()]


def _has_console() -> bool:
    """Agents, and whoever stands above them but takes calls, too."""
    if parts().console is None:
        return False
    user = access.me()
    return user.role is Role.AGENT or user.member is not None


def first_page() -> str:
    """The address where who has just signed in lands."""
    entries = navigation()
    return url_for(entries[0].endpoint if entries else "account.page")


def here_again() -> str:
    """The path of the page, for a form of the bar that leads back to it. A fragment's is that of
    its page; what a form answered is no page to come back to."""
    if request.method != "GET":
        return ""
    path = request.full_path.rstrip("?")
    return path.replace("/fragment", "", 1).replace("/awake", "", 1)


def initials(name: str) -> str:
    """Two letters in place of a picture."""
    words = name.split()
    return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper()


def moment(instant: datetime) -> str:
    """Return an instant by the company's clock, as its country writes it: 23 Nov, 14:01."""
    reader = ReaderClock(ZoneInfo(parts().company.zone), parts().clock())
    return reader.date_and_time(instant)
