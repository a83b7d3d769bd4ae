"""A day whose reports were computed by hand: Sunday 25 October 2026 in London, of 25 hours.

Until 01:00 UTC London is an hour ahead of it; from then on its clock shows UTC, and the hour from
one to two comes twice. The day lasts from 23:00 UTC of the 24th to 24:00 UTC.
"""

import csv
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from asterisk_callback.services.reports import Reports, requests_csv
from tests.past_days import Book, Row, attempt, wish

DAY = date(2026, 10, 25)
ZONE = "Europe/London"


def at(clock: str, day: int = 25) -> datetime:
    """UTC, of October 2026."""
    parts = [int(part) for part in clock.split(":")]
    return datetime(2026, 10, day, *parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def a_day_of_reports(url: str, open_store: Any) -> Reports:
    """The day's reports, as of ten past midnight."""
    store = open_store(url, lambda: at("00:10", 26))
    a_day(Book(store))
    return Reports(store=store, zone=ZONE)


def a_day(book: Book) -> None:
    anna, ben = "PJSIP/anna", "PJSIP/ben"

    def talk(
        agent: str, claimed: datetime, ringing: datetime, answered: datetime, ended: datetime
    ) -> Row:
        times = {"ringing_at": ringing, "answered_at": answered, "ended_at": ended}
        return attempt(agent, "answered", claimed, gate_at=claimed, **times)

    def ring(agent: str, how: str, claimed: datetime, ringing: datetime, ended: datetime) -> Row:
        return attempt(agent, how, claimed, gate_at=claimed, ringing_at=ringing, ended_at=ended)

    # kept: rung after 7 min, talked 5 min
    book.put(
        1, "sales", "completed",
        [wish(at("10:00"), at("10:05"), at("10:10"))],
        [talk(anna, at("10:06:30"), at("10:07"), at("10:07:20"), at("10:12:20"))],
        ended_at=at("10:12:20"),
    )  # fmt: skip
    # kept in the last second of the promised minute; busy, talked at the second try
    book.put(
        2, "sales", "completed",
        [wish(at("10:00"), at("10:05"), at("10:10"))],
        [
            ring(anna, "busy", at("10:10:20"), at("10:10:59"), at("10:11")),
            talk(ben, at("10:16"), at("10:16:10"), at("10:16:20"), at("10:18:20")),
        ],
        ended_at=at("10:18:20"),
    )  # fmt: skip
    # 3 min late; three rings, never reached
    book.put(
        3, "support", "failed",
        [wish(at("11:00"), at("11:05"), at("11:10"))],
        [
            ring(ben, "no_answer", at("11:12:40"), at("11:13"), at("11:13:30")),
            ring(anna, "no_answer", at("11:28:30"), at("11:28:40"), at("11:29:10")),
            ring(ben, "no_answer", at("11:44:10"), at("11:44:20"), at("11:44:50")),
        ],
        ended_at=at("11:44:50"),
    )  # fmt: skip
    # a chosen time, asked for on the day before; 5 min late
    book.put(
        4, "support", "completed",
        [wish(at("12:00", 24), at("14:00"), at("14:15"), asap=False)],
        [talk(anna, at("14:19:30"), at("14:20:05"), at("14:20:15"), at("14:30:15"))],
        ended_at=at("14:30:15"),
    )  # fmt: skip
    # 6 min before what was promised, and declined
    book.put(
        5, "sales", "failed",
        [wish(at("12:00"), at("12:10"), at("12:20"))],
        [ring(anna, "rejected", at("12:04"), at("12:04:30"), at("12:04:40"))],
        ended_at=at("12:04:40"), topic="=1+1",
    )  # fmt: skip
    # taken back in time: no promise
    book.put(
        6, "sales", "cancelled",
        [wish(at("13:00"), at("13:10"), at("13:20"), withdrawn_at=at("13:03"))], [],
        ended_at=at("13:03"),
    )  # fmt: skip
    # no agent came until it expired
    book.put(
        7, "support", "expired",
        [wish(at("15:00"), at("15:05"), at("15:10"))],
        [attempt(None, "no_agent", at("15:01"), ended_at=at("15:11"))],
        ended_at=at("16:00"),
    )  # fmt: skip
    # asked for, promised and rung on the day before; tried again at five past midnight
    book.put(
        8, "sales", "completed",
        [wish(at("22:50", 24), at("22:52", 24), at("22:58", 24))],
        [
            ring(ben, "busy", at("22:54", 24), at("22:55", 24), at("22:55:10", 24)),
            talk(
                anna, at("23:05", 24), at("23:05:20", 24), at("23:05:30", 24), at("23:07:30", 24)
            ),
        ],
        ended_at=at("23:07:30", 24),
    )  # fmt: skip
    # 01:30 in summer time, and 01:30 again: one kept, one 2 min late and between tries
    book.put(
        9, "support", "completed",
        [wish(at("0:30"), at("0:35"), at("0:40"))],
        [talk(ben, at("0:35:30"), at("0:36"), at("0:36:10"), at("0:40:10"))],
        ended_at=at("0:40:10"),
    )  # fmt: skip
    book.put(
        10, "support", "scheduled",
        [wish(at("1:30"), at("1:35"), at("1:40"))],
        [ring(ben, "machine", at("1:41:30"), at("1:42"), at("1:42:20"))],
    )  # fmt: skip
    # still in line, 5 min after what was promised
    book.put(11, "sales", "queued", [wish(at("23:50"), at("23:58"), at("00:05", 26))], [])
    # two wishes, the second taken back before the ring; the line's fault, then an outcome lost
    book.put(
        12, "sales", "scheduled",
        [
            wish(at("16:00"), at("16:05"), at("16:10")),
            wish(at("16:02"), at("16:05"), at("16:12"), withdrawn_at=at("16:04")),
        ],
        [
            attempt(
                anna, "trunk_fault", at("16:03"), gate_at=at("16:03"), ended_at=at("16:03:10")
            ),
            attempt(ben, "unknown", at("16:06"), gate_at=at("16:06:30"), ended_at=at("16:20")),
        ],
    )  # fmt: skip
    # of the day before, and of the first instant after
    book.put(
        13, "sales", "completed",
        [wish(at("20:00", 24), at("20:05", 24), at("20:10", 24))],
        [talk(ben, at("20:01", 24), at("20:06", 24), at("20:07", 24), at("20:08", 24))],
        ended_at=at("20:08", 24),
    )  # fmt: skip
    book.put(14, "support", "queued", [wish(at("0:00", 26), at("0:05", 26), at("0:09", 26))], [])
    # promised from midnight on, claimed just before it, kept; given up by the agent, ended after
    book.put(
        15, "support", "failed",
        [wish(at("18:00", 24), at("23:00", 24), at("23:15", 24), asap=False)],
        [ring(ben, "abandoned", at("22:59:30", 24), at("23:00:30", 24), at("23:01", 24))],
        ended_at=at("23:01", 24),
    )  # fmt: skip


def listed(reports: Reports, *, full: bool = False) -> list[dict[str, str]]:
    """The rows of the day's requests, as a spreadsheet reads them."""
    lines = requests_csv(reports.requests(DAY, DAY), ZoneInfo(ZONE), full=full)
    return list(csv.DictReader(StringIO("".join(lines))))
