"""The promise line's geometry: order, room and mirror."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from flask_app.charts.promise_line import FIRST, LAST, PromiseLine, PromiseLineInput, draw
from flask_app.shared.moments import Moment

ASKED = datetime(2026, 11, 23, 13, 41, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def moment(instant: datetime) -> Moment:
    return Moment(iso=instant.isoformat(), clock=f"{instant:%H:%M}", date="", days=0)


def drawn(facts: PromiseLineInput, *, rtl: bool = False) -> PromiseLine:
    return draw(facts, moment, rtl=rtl)


def number(percent: str) -> float:
    assert percent.endswith("%")
    return float(percent[:-1])


def waiting(now: int, opens: int, closes: int) -> PromiseLineInput:
    return PromiseLineInput(
        asked=ASKED,
        window=(ASKED + opens * MINUTE, ASKED + closes * MINUTE),
        tries=((ASKED + 13 * MINUTE, "busy"),),
        now=ASKED + now * MINUTE,
    )


@pytest.mark.parametrize("opens", [0, 1, 24, 60 * 24 * 9])
@pytest.mark.parametrize("length", [0, 1, 7, 600])
@pytest.mark.parametrize("now", [0, 20, 900])
def test_everything_lies_on_the_line_in_order(opens: int, length: int, now: int) -> None:
    line = drawn(waiting(now, opens, opens + length))
    begins, ends = number(line.window), number(line.window) + number(line.width)
    assert number(line.width) >= 5
    for x in (begins, ends, number(line.now or ""), *map(number, line.tries)):
        assert FIRST - 0.01 <= x <= LAST + 0.01
    if now < opens:
        assert number(line.now or "") <= begins
    if now > opens + length:
        assert line.late and number(line.now or "") >= ends


def test_right_to_left_is_the_mirror() -> None:
    facts = waiting(20, 24, 31)
    line, mirror = drawn(facts), drawn(facts, rtl=True)
    assert number(mirror.now or "") == pytest.approx(100 - number(line.now or ""), abs=0.02)
    right = number(line.window) + number(line.width)
    assert number(mirror.window) == pytest.approx(100 - right, abs=0.02)
    assert mirror.width == line.width
    assert [one.anchor for one in mirror.labels] == [one.anchor for one in line.labels]


def test_labels_never_stand_over_each_other() -> None:
    for now in range(13, 24):
        above = [one for one in drawn(waiting(now, 24, 31)).labels if one.above]
        places = sorted(number(one.x) for one in above)
        assert all(b - a >= 20 for a, b in pairwise(places))
        assert len(above) <= 2


def test_a_call_in_time_and_one_too_late() -> None:
    window = (ASKED + 24 * MINUTE, ASKED + 31 * MINUTE)
    kept = drawn(PromiseLineInput(asked=ASKED, window=window, called=ASKED + 28 * MINUTE))
    assert kept.late is None and kept.now is None
    assert (
        number(kept.window) < number(kept.called or "") < number(kept.window) + number(kept.width)
    )
    late = drawn(PromiseLineInput(asked=ASKED, window=window, called=ASKED + 40 * MINUTE))
    assert late.late is not None and late.called == late.end
