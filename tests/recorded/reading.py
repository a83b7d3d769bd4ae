"""What is recorded by reading: pages, answers of the API, and what commands say.

None of it moves a request; a console's page notes that it is open, and a sign-in that it happened,
as in life.
"""

from collections.abc import Callable, Iterator
from functools import partial

from tests.recorded.answers import answer, settled
from tests.recorded.company import Company
from tests.recorded.database import before

LANGUAGES = ("en", "de", "es", "ar")
QUEUES = ("support", "office", "consult", "leads", "evening", "held", "shut", "narrow")
AGENTS = ("priya", "omar", "kim", "lee", "max", "nina")
SUPERVISORS = ("sue", "sid")
DAYS = ("", "?since=2026-11-23&until=2026-11-25", "?since=2026-11-24&until=2026-11-24")
Recording = tuple[str, Callable[[], str]]


def all_of(company: Company) -> Iterator[Recording]:
    """Each recording's name (a path), and what makes it."""
    yield from commands(company)
    yield from api(company)
    yield from customers(company)
    yield from team(company)
    yield from forms(company)
    yield from consoles(company)
    yield from boards(company)
    yield from administration(company)


def customers(company: Company) -> Iterator[Recording]:
    """Each wish's page, in the customer's own language."""
    for wish_id, secret in before().status_pages.items():
        for part in ("", "/fragment", "/callback.ics"):
            name = f"customer/{wish_id:03}{part.replace('/', '-')}"
            yield name, partial(_page, company, f"/c/{secret}{part}")
    for action in ("cancel", "move", "number", "erase"):
        for wish_id in list(before().status_pages)[::9]:
            path = f"/c/{before().status_pages[wish_id]}?open={action}"
            yield f"customer/{wish_id:03}-open-{action}", partial(_page, company, path)
    for path in ("/c/no-such-page", "/deleted"):
        for language in LANGUAGES:
            yield f"customer{path}-{language}", partial(_page, company, f"{path}?lang={language}")
    for wish_id, secret in list(before().status_pages.items())[::9]:
        yield f"embed/status-{wish_id:03}", partial(_page, company, f"/embed/shop/c/{secret}")


def forms(company: Company) -> Iterator[Recording]:
    for language in LANGUAGES:
        for path in ("/", *(f"/q/{queue}" for queue in QUEUES), "/embed/shop", "/no-such-page"):
            name = f"form/{language}{path.replace('/', '-')}"
            yield name, partial(_page, company, f"{path}?lang={language}")
    for queue in QUEUES:
        yield f"form/parts-{queue}", partial(_page, company, f"/form/parts?queue={queue}")
    for path in ("/readyz", "/healthz", "/theme.css"):
        yield f"form/{path[1:]}", partial(_page, company, path)


def team(company: Company) -> Iterator[Recording]:
    for request_id, secret in before().team_pages.items():
        yield f"team/{request_id:03}", partial(_page, company, f"/done/{secret}")


def api(company: Company) -> Iterator[Recording]:
    for number, public_id in enumerate(before().column("wish", "public_id"), 1):
        if before().column("wish", "scope")[number - 1] == "api:shop" or number % 20 == 0:
            yield f"api/{number:03}", partial(_api, company, f"/callbacks/{public_id}")
    for queue in (*QUEUES, "none"):
        for zone in ("", "?time_zone=America/New_York"):
            path = f"/queues/{queue}/availability{zone}"
            yield (
                f"api/availability-{queue}{'-new-york' if zone else ''}",
                partial(_api, company, path),
            )
    yield "api/openapi", partial(_page, company, "/api/v1/openapi.json")


def consoles(company: Company) -> Iterator[Recording]:
    for login in AGENTS:
        yield f"console/{login}", partial(_page, company, "/agent", login)
        yield f"console/{login}-account", partial(_page, company, "/account", login)


def boards(company: Company) -> Iterator[Recording]:
    for login in SUPERVISORS:
        yield f"board/{login}", partial(_page, company, "/board", login)
        for queue in QUEUES:
            yield f"board/{login}-{queue}", partial(_page, company, f"/board?queue={queue}", login)
        for days in DAYS:
            for kind in ("", "/figures.csv", "/requests.csv"):
                name = f"reports/{login}{kind.replace('/', '-')}{DAYS.index(days)}"
                yield name, partial(_page, company, f"/reports{kind}{days}", login)
    yield "board/fragment", partial(_page, company, "/board/fragment", "sue")
    for request_id in before().column("callback_request", "id"):
        path = f"/board/requests/{request_id}"
        yield f"board/request-{request_id:03}", partial(_page, company, path, "sue")


def administration(company: Company) -> Iterator[Recording]:
    yield "account/login", partial(_page, company, "/login")
    for path in ("/admin/users", "/account", "/account/second-factor", "/reports/requests.csv"):
        yield f"account/ada{path.replace('/', '-')}", partial(_page, company, path, "ada")
    for user in before().column("account", "id"):
        yield f"account/user-{user:02}", partial(_page, company, f"/admin/users/{user}", "ada")


def commands(company: Company) -> Iterator[Recording]:
    for name, words in _lines():
        yield f"command/{name}", partial(_said, company, words)


def _lines() -> Iterator[tuple[str, tuple[str, ...]]]:
    plain = (
        "requests list --limit 500", "requests list --limit 500 --json", "requests list --full",
        "alarms", "alarms --all", "alarms --all --json", "suppress list", "users list",
        "users events", "sites list", "db status", "dialling status", "intake status",
        "report", "report --since 2026-11-23 --until 2026-11-25",
        "report --since 2026-11-23 --until 2026-11-25 --json",
        "report --since 2026-11-23 --until 2026-11-25 --csv",
        "report --since 2026-11-23 --until 2026-11-25 --requests --full",
        "report --queue office --json", "report --queue nowhere", "why 100000",
    )  # fmt: skip
    for line in plain:
        yield line.replace(" ", "_").replace("/", "-"), tuple(line.split())
    for state in ("scheduled", "offered", "failed", "expired"):
        yield f"list-{state}", ("requests", "list", "--state", state)
    for command in ("", "requests", "report", "users", "suppress", "dialling", "intake", "db"):
        yield f"help-{command}", tuple([command, "--help"] if command else ["--help"])
    for request_id in before().column("callback_request", "id"):
        number = str(request_id)
        yield f"show-{request_id:03}", ("requests", "show", number)
        yield f"show-{request_id:03}-json", ("requests", "show", number, "--json")
        yield f"why-{request_id:03}", ("why", number)
        yield f"why-{request_id:03}-json", ("why", number, "--json")


def _page(company: Company, path: str, login: str = "") -> str:
    return answer(company.get(path, login))


def _api(company: Company, path: str) -> str:
    return answer(company.api("GET", path))


def _said(company: Company, words: tuple[str, ...]) -> str:
    return settled(company.run(*words))
