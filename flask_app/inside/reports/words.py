"""What a report's charts find, in words; and its figures as people read them."""

from typing import Any

Data = dict[str, Any]
# What is held to be good, in percent. Eight of ten: that wide the expected time is made.
PROMISES, EXPECTED, REACHED = 95, 80, 90


def whole_percent(part: int, whole: int) -> int | None:
    """Rounded down: 99.6 % is not all."""
    return part * 100 // whole if whole else None


def minutes(seconds: float | None) -> str:
    """20 s, 7 min, 1 h 05 min."""
    if seconds is None:
        return "–"
    if round(seconds) < 60:
        return f"{round(seconds)} s"
    whole = round(seconds / 60)
    return f"{whole} min" if whole < 60 else f"{whole // 60} h {whole % 60:02} min"


def value(name: str, given: Any) -> str:
    """A figure of docs/reports.md by its name."""
    if given is None:
        return "–"
    if name.endswith("_share"):
        return f"{given:.1%}"
    if "seconds" in name:
        return minutes(given)
    if isinstance(given, float):
        return f"{given:,.2f}".rstrip("0").rstrip(".")
    return f"{given:,}"


# What can't be made of the name by rule.
TITLES = {
    "expected_rung": "Rung",
    "expected_inside_share": "Within expected time",
    "expected_early": "Before it",
    "expected_late": "After it",
    "expected_minutes_off_p10": "Minutes off, one in ten",
    "expected_minutes_off_p50": "Minutes off, half",
    "expected_minutes_off_p90": "Minutes off, nine of ten",
    "talk_seconds_median": "Median talk",
    "promises_kept_share": "Kept in percent",
}


def title(name: str, *, alone: bool = False) -> str:
    """What it is called in a table; alone: without others of its kind beside it."""
    if name in TITLES and not alone:
        return TITLES[name]
    words = name.removeprefix("disposition_").replace("_share", " in percent")
    for unit in ("seconds_to_", "talk_seconds"):
        words = words.replace(unit, {"seconds_to_": "time_to_", "talk_seconds": "talk"}[unit])
    return words.replace("_", " ").replace("p90", "(nine of ten)").capitalize()


def of_bars(named: list[tuple[str, Data]], what: str, *, at: str, days: str) -> tuple[str, str]:
    """Title and text of a chart of promises. what: a bar is; at: the word before its name."""
    due = [(name, one) for name, one in named if one["promises_due"]]
    total = sum(one["promises_due"] for _, one in due)
    if not total:
        return "No promise was due", f"Promises by {what}: there were none on {days}."
    kept = sum(one["promises_kept"] for _, one in due)
    never = sum(one["promises_never_rung"] for _, one in due)
    text = (
        f"Promises by {what}. Due on {days}: {total:,}, of which {kept:,} kept, "
        f"{total - kept - never:,} rung late, {never:,} never rung."
    )
    if kept == total:
        return "Every promise was kept", text
    name, worst = _weakest(due, total)
    if len(due) == 1:
        return f"{whole_percent(kept, total)}% of the promises were kept", text
    where = f"{at} {name}: {worst['promises_kept']:,} of {worst['promises_due']:,} kept"
    return f"{whole_percent(kept, total)}% kept, weakest {where}", text


def _weakest(due: list[tuple[str, Data]], total: int) -> tuple[str, Data]:
    """Of those in which something went wrong with a share in the whole that is worth a word, if
    there is one."""
    wrong = [pair for pair in due if pair[1]["promises_kept"] < pair[1]["promises_due"]]
    worth = [pair for pair in wrong if pair[1]["promises_due"] * 2 * len(due) >= total]
    return min(worth or wrong, key=lambda pair: pair[1]["promises_kept_share"])


def of_estimates(data: Data, worth: int) -> tuple[str, str]:
    """Title and text of the chart of the expected time."""
    rung, inside = data["expected_rung"], data["expected_inside"]
    early, late = data["expected_early"], data["expected_late"]
    if not rung:
        return (
            "No call to hold against the expected time",
            "Nobody who asked for a call as soon as possible was told a time and rung.",
        )
    dot = "one call" if worth == 1 else f"up to {worth:,} calls"
    spread = _spread(data)
    text = (
        f"{inside:,} of {rung:,} calls came within the time that we said, {early:,} before it, "
        f"{late:,} after it. {spread} Each dot is {dot}, by minutes outside of that time; the five "
        "columns in its middle are the fifths of it."
    )
    share = whole_percent(inside, rung) or 0
    if share >= EXPECTED:
        return f"The expected time holds for {share}% of the calls", text
    if late > 2 * early:
        return f"Calls come later than we say: {share}% within the expected time", text
    if early > 2 * late:
        return f"Calls come earlier than we say: {share}% within the expected time", text
    return f"Only {share}% of the calls come within the expected time", text


def _spread(data: Data) -> str:
    """The quantiles as a sentence. Below 0 is before the time that was said."""
    early, half, late = (data[f"expected_minutes_off_{one}"] for one in ("p10", "p50", "p90"))
    first = f"One in ten came {_off(early)} or earlier" if early < 0 else "Few came early"
    last = f"one in ten {_off(late)} or later" if late > 0 else "few came late"
    middle = (
        "" if half == 0 else f" Half came {_off(half)} or {'later' if half > 0 else 'earlier'}."
    )
    return f"{first}, {last}.{middle}"


def _off(minutes_off: int) -> str:
    return f"{abs(minutes_off):,} min {'before' if minutes_off < 0 else 'after'} it"


def of_waits(data: Data) -> tuple[str, str]:
    half, most = data["seconds_to_ring_median"], data["seconds_to_ring_p90"]
    if half is None:
        return "Nobody was called as soon as possible", "Time from the wish to the first ring."
    return (
        f"Half are called within {minutes(half)}, nine of ten within {minutes(most)}",
        "From the wish to the first ring, of those who asked for a call as soon as possible. The "
        "mark is the half, the line’s end nine of ten.",
    )


def of_outcomes(data: Data) -> tuple[str, str]:
    attempts, talks = data["attempts"], data["talks"]
    if not attempts:
        return "Nothing was tried", "How attempts ended."
    share = whole_percent(talks, attempts)
    again = data["requests_rung_again"]
    return (
        f"{share}% of the attempts became a talk",
        f"Attempts: {attempts:,}, of which {data['rings']:,} rang. Requests that ended and were "
        f"rung more than once: {again:,}.",
    )
