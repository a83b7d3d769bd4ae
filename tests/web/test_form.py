"""The contact form: what it accepts, what it says when it can't, and what it keeps."""

import gzip
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from asterisk_callback.domain.attempt import Disposition
from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.domain.hours import Hours, Span
from asterisk_callback.domain.slots import SlotRules
from asterisk_callback.services.guard import Limits
from tests.web.house import MASKED, NUMBER, OFFICE, SALES, SUPPORT, House
from tests.web.page import Visitor, hidden, text_of, value_of

PROMISE = "We will be calling you back shortly. Please keep this line free."


def test_asap_leads_to_the_status_page(visitor: Visitor, house: House) -> None:
    path = visitor.book(name="Ada", topic="Moving home")
    page = visitor.client.get(path)
    assert page.status_code == 200
    assert PROMISE in text_of(page) and MASKED in text_of(page)
    assert "020 7946 0100" not in text_of(page).replace("We ring from 020 7946 0100", "").replace(
        "Or ring us: 020 7946 0100", ""
    )
    [row] = house.requests()
    assert "+442079460100" in row and "Ada" in row and "Moving home" in row


def test_a_chosen_time_is_wall_time_of_the_company(visitor: Visitor) -> None:
    path = visitor.book(when="later", slot="2026-11-24T10:15")
    assert "We call you tomorrow at 10:15" in text_of(visitor.client.get(path))


def test_the_time_is_ignored_when_asap_is_chosen(visitor: Visitor) -> None:
    assert visitor.book(when="asap", day="2020-01-01", slot="nonsense")


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"phone": ""}, "phone", "Enter the phone number"),
        ({"phone": "12345"}, "phone", "too short"),
        ({"phone": "call me"}, "phone", "digits only"),
        ({"phone": "999"}, "phone", "emergency"),
        ({"phone": "112"}, "phone", "emergency"),
        ({"phone": "0909 879 0000"}, "phone", "premium-rate"),
        ({"phone": "055 1234 5678"}, "phone", "company-wide"),
        ({"phone": "070 1234 5678"}, "phone", "personal"),
        ({"phone": "+870 776 999 999"}, "phone", "satellite"),
        ({"phone": "+1 876 555 1234"}, "phone", "country"),
        ({"phone": "020 7946 0100 0000 00"}, "phone", "too long"),
        ({"queue": "no such"}, "queue", "department"),
        ({"when": "whenever"}, "when", "when we should call"),
        ({"when": "later"}, "slot", "Choose the time"),
        ({"when": "later", "slot": "10:15"}, "slot", "Choose the time"),
        # Without a script a time stays chosen while another day is opened.
        (
            {"when": "later", "day": "2026-11-25", "slot": "2026-11-24T10:15+00:00"},
            "slot",
            "Choose the time",
        ),
        ({"when": "later", "slot": "2026-11-22T10:15+00:00"}, "when", "has passed"),
        ({"when": "later", "slot": "2027-01-22T10:15+00:00"}, "when", "days ahead"),
        ({"when": "2026-13-41T10:15"}, "when", "Write the time"),
        ({"time_zone": "Europe/Nowhere"}, "time_zone", "time zone"),
        ({"name": "x" * 81}, "name", "too long"),
        ({"email": "nobody"}, "email", "like name@example.org"),
    ],
)
def test_a_mistake_is_named_at_its_field_and_everything_typed_is_kept(
    visitor: Visitor, house: House, typed: dict[str, str], field: str, words: str
) -> None:
    kept = {"name": "Ada", "email": "ada@example.org", "phone": NUMBER} | typed
    answer = visitor.submit(**kept)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert f'href="#{field}"' in answer.text and f'id="{field}-error"' in answer.text
    assert 'role="alert"' in answer.text and "autofocus" in answer.text
    assert re.search(
        rf'aria-describedby="{field}-error[^"]*" aria-invalid="true"', answer.text
    ) or (field == "queue")
    assert "<title>Error:" in answer.text
    for name in ("name", "email", "phone"):
        assert value_of(answer, name) == kept[name]
    assert not house.requests()


def test_several_mistakes_are_all_said_at_once(visitor: Visitor) -> None:
    answer = visitor.submit(phone="", when="later")
    assert "2 things to fix" in text_of(answer)
    assert re.findall(r'<a href="#(\w+)">', answer.text) == ["phone", "slot"]


def test_a_time_that_the_clocks_skip_is_refused(visitor: Visitor, house: House) -> None:
    house.clock.pass_(days=120)  # 23 March 2027; the clocks go forward on the 28th at 01:00
    answer = visitor.submit(when="later", slot="2027-03-28T01:30")
    assert answer.status_code == 422 and "clocks go forward" in text_of(answer)


def test_submitting_twice_is_one_wish(visitor: Visitor, house: House) -> None:
    form = visitor.fill()
    first, second = visitor.send(form), visitor.send(form)
    assert first.location == second.location and second.status_code == 303
    assert len(house.requests()) == 1


def test_the_same_form_with_other_details_is_said_and_can_be_sent(visitor: Visitor) -> None:
    form = visitor.fill()
    first = visitor.send(form)
    again = visitor.send(form | {"name": "Somebody else"})
    assert again.status_code == 409 and "sent before" in text_of(again)
    assert value_of(again, "name") == "Somebody else"
    third = visitor.send(form | {"name": "Somebody else", "key": hidden(again, "key")})
    assert third.status_code == 303 and third.location != first.location


def test_two_wishes_for_one_number_have_a_page_each(visitor: Visitor, house: House) -> None:
    first, second = visitor.book(), visitor.book(phone="+44 20 7946 0100")
    assert first != second and len(house.requests()) == 1
    assert visitor.cancel(first).status_code == 303
    assert "You cancelled this call" in text_of(visitor.client.get(first))
    assert PROMISE in text_of(visitor.client.get(second))


def test_joining_a_request_shows_nothing_of_what_was_before(visitor: Visitor, house: House) -> None:
    visitor.book(topic="Moving home", name="Ada")
    house.ends(house.ringing(), Disposition.BUSY)
    house.clock.pass_(minutes=1)
    page = text_of(visitor.client.get(visitor.book()))
    assert "busy" not in page and "Moving home" not in page and "Ada" not in page


def test_a_note_where_the_department_asks_for_one(tmp_path: Path) -> None:
    silent = replace(SALES, asks=("name",))
    noting = replace(OFFICE, asks=("note",))
    house = House(tmp_path, queues={"support": SUPPORT, "sales": silent, "office": noting})
    visitor = Visitor(house.app().test_client())
    assert "Add a note or your e-mail" in text_of(visitor.client.get("/q/support"))
    assert 'name="about"' not in visitor.client.get("/q/sales").text
    office = text_of(visitor.client.get("/q/office"))
    assert "Add a note" in office and "your e-mail" not in office
    wrong = visitor.submit(about="\nRed </textarea> light\n", phone="")
    assert (
        'aria-describedby="about-hint">\n\nRed &lt;/textarea&gt; light\n</textarea>' in wrong.text
    )
    long = visitor.submit(about="x" * 501)
    assert long.status_code == 422 and "at most 500 characters" in text_of(long)
    assert "x" * 501 in long.text
    visitor.book(about="Red\r\nlight")
    assert "Red light" in house.requests()[0]
    house.close()


@pytest.mark.parametrize("token", ["", "old or forged"])
def test_a_form_that_is_not_ours_sends_nothing_and_keeps_everything(
    visitor: Visitor, house: House, token: str
) -> None:
    answer = visitor.send(visitor.fill(name="Ada", when="later") | {"csrf_token": token})
    assert answer.status_code == 400
    assert "nothing was sent yet" in text_of(answer) and value_of(answer, "name") == "Ada"
    assert not house.requests()
    repaired = {"csrf_token": hidden(answer, "csrf_token"), "key": hidden(answer, "key")}
    assert visitor.send(visitor.fill() | repaired).status_code == 303


def test_https_needs_no_referrer(tmp_path: Path) -> None:
    house = House(tmp_path, base_url="https://call.example.org")
    client = house.app().test_client()
    client.environ_base["wsgi.url_scheme"] = "https"
    cookie = client.get("/").headers["Set-Cookie"]
    assert Visitor(client).submit().status_code == 303
    assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    house.close()


def test_too_many_from_one_address(tmp_path: Path) -> None:
    house = House(tmp_path, limits=Limits(wishes_per_address=1))
    visitor = Visitor(house.app().test_client())
    visitor.book()
    answer = visitor.submit(phone="020 7946 0101", name="Ada")
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) == 3600
    assert "Too many calls" in text_of(answer) and value_of(answer, "name") == "Ada"
    house.close()


@pytest.mark.parametrize(
    ("proxies", "first", "second", "limited"),
    [
        (0, "198.51.100.1", "198.51.100.2", True),  # whatever a client claims, it is one address
        (1, "198.51.100.1", "198.51.100.2", False),
        (1, "198.51.100.1", "198.51.100.1", True),
        (1, "2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        (1, "198.51.100.1:4000", "198.51.100.1:4001", True),
        (1, "[2001:db8:0:1::1]:4000", "2001:db8:0:1::2", True),
        (1, "garbage", "other garbage", True),
        # What the client itself sent stands before what our proxy added.
        (1, "203.0.113.1, 198.51.100.1", "203.0.113.2, 198.51.100.1", True),
        (2, "203.0.113.1, 198.51.100.1", "203.0.113.2, 198.51.100.1", False),
        (2, "203.0.113.1", "203.0.113.2", True),  # one proxy less than we were told: its own
        (1, "2001:db8:0:1::1", "2001:db8:1:2::1", False),
    ],
)
def test_whose_address_is_counted(
    tmp_path: Path, proxies: int, first: str, second: str, limited: bool
) -> None:
    house = House(tmp_path, limits=Limits(wishes_per_address=1), trusted_proxies=proxies)
    visitor = Visitor(house.app().test_client())
    codes = []
    for address in (first, second):
        visitor.client.environ_base["HTTP_X_FORWARDED_FOR"] = address
        codes.append(visitor.submit().status_code)
    assert codes == [303, 429 if limited else 303]
    house.close()


def test_a_proxy_that_nobody_told_us_of_is_named_once(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    client = house.app().test_client()
    client.get("/")
    client.get("/", headers={"X-Forwarded-For": "192.0.2.1"}, environ_base={"REMOTE_ADDR": "::5"})
    assert "proxy" not in caplog.text
    for _ in range(2):
        client.get("/", headers={"X-Forwarded-For": "192.0.2.1"})
    assert caplog.text.count("set trusted_proxies in [web]") == 1
    assert "192.0.2.1" not in caplog.text


def test_the_database_is_away(house: House) -> None:
    class Away:
        def submit(self, *_: object) -> None:
            raise StoreUnavailable("the database does not answer: secret detail")

    visitor = Visitor(house.app(booking=Away()).test_client())
    answer = visitor.submit(name="Ada")
    assert answer.status_code == 503
    assert "Nothing was accepted yet" in text_of(answer) and "secret detail" not in answer.text
    assert value_of(answer, "name") == "Ada"


def test_departments(tmp_path: Path) -> None:
    house = House(tmp_path, queues={"support": SUPPORT, "sales": SALES})
    visitor = Visitor(house.app().test_client())
    general = visitor.client.get("/")
    assert '<select class="input" id="queue"' in general.text
    own = visitor.client.get("/q/sales")
    assert '<input type="hidden" id="queue" name="queue" value="sales">' in own.text
    assert "Moving home" not in own.text
    wrong = visitor.client.post("/callbacks?of=sales", data=visitor.fill(queue="sales", phone=""))
    assert wrong.status_code == 422 and '<select class="input" id="queue"' not in wrong.text
    path = visitor.book(queue="sales")
    assert "With Sales" in text_of(visitor.client.get(path))
    assert visitor.client.get("/q/nobody").status_code == 404
    house.close()


def test_no_queue_says_more_than_it_has(tmp_path: Path) -> None:
    plain = replace(SUPPORT, topics=())
    house = House(tmp_path, queues={"support": plain})
    page = house.app().test_client().get("/")
    assert 'id="topic"' not in page.text and 'id="queue" name="queue"' in page.text
    house.close()


def test_a_link_fills_in_all_but_the_number(tmp_path: Path) -> None:
    house = House(tmp_path, queues={"sales": SALES, "support": SUPPORT})
    client = house.app().test_client()
    page = client.get("/?queue=support&topic=A+bill&name=Ada&phone=02079460100&country=DE")
    assert '<option value="support" selected>' in page.text
    assert "<option selected>A bill</option>" in page.text
    assert value_of(page, "name") == "Ada"
    assert value_of(page, "phone") == "" and '<option value="GB" selected>' in page.text
    assert client.get("/?queue=nobody&topic=x&name=").status_code == 200
    house.close()


def test_closed_offers_the_next_free_times(tmp_path: Path) -> None:
    house = House(tmp_path, queues={"office": OFFICE})
    house.clock.pass_(hours=5)  # seven in the evening
    visitor = Visitor(house.app().test_client())
    page = visitor.client.get("/")
    assert "The next free time is tomorrow at 08:00" in text_of(page)
    assert 'value="asap"' not in page.text and '<body class="split ended">' in page.text
    late = visitor.submit(queue="office", when="asap")  # a form that was opened before six
    assert late.status_code == 422 and "We are closed right now" in text_of(late)
    assert 'name="when" value="2026-11-24T08:00+00:00"' in late.text
    assert visitor.book(queue="office", when="2026-11-24T08:00+00:00")
    house.close()


def test_when_we_are_here(tmp_path: Path) -> None:
    hours = replace(
        OFFICE.hours,
        closed_on=frozenset({date(2026, 11, 25)}),
        open_on={date(2026, 11, 26): (Span(480, 720), Span(780, 1440))},
    )
    house = House(tmp_path, queues={"office": replace(OFFICE, hours=hours), "support": SUPPORT})
    client = house.app().test_client()
    page = text_of(client.get("/q/office"))
    assert "When we’re here Monday–Friday 08:00–18:00 Saturday and Sunday Closed" in page
    assert "Closed Wednesday 25 November Closed Thursday 26 November 08:00–12:00" in page
    assert "13:00–00:00 By the clock in London." in page
    assert "When we’re here" not in text_of(client.get("/q/support"))
    assert "When we’re here" in client.get("/form/parts?queue=office&time_zone=Asia/Tokyo").text
    house.close()


@pytest.mark.parametrize(
    ("language", "week"),
    [
        ("en", "Monday–Friday 08:00–18:00 Saturday 09:00–16:00 Sunday Closed"),
        ("de", "Montag–Freitag 08:00–18:00 Samstag 09:00–16:00 Sonntag"),
        ("es", "Lunes–viernes 8:00–18:00 Sábado 9:00–16:00 Domingo"),
        # Where Arabic is read, weeks begin with a Saturday.
        ("ar", "السبت 9:00 ص–4:00 م الأحد"),
    ],
)
def test_equal_days_are_one_line(tmp_path: Path, language: str, week: str) -> None:
    days = ((Span(480, 1080),),) * 5 + ((Span(540, 960),), ())
    hours = replace(OFFICE.hours, week=days)
    house = House(tmp_path, queues={"office": replace(OFFICE, hours=hours)})
    assert week in text_of(house.app().test_client().get(f"/?lang={language}"))
    house.close()


def test_every_day_is_one_line(tmp_path: Path) -> None:
    hours = replace(OFFICE.hours, week=((Span(480, 1080),),) * 7)
    house = House(tmp_path, queues={"office": replace(OFFICE, hours=hours)})
    house.clock.pass_(hours=9)
    page = text_of(house.app().test_client().get("/"))
    assert "When we’re here Monday–Sunday 08:00–18:00 By the clock in London." in page
    house.close()


def test_full_says_so_and_offers_times(tmp_path: Path) -> None:
    house = House(tmp_path, queues={"support": replace(SUPPORT, max_waiting=1)})
    visitor = Visitor(house.app().test_client())
    visitor.book()
    page = visitor.client.get("/")
    assert "So many people are waiting" in text_of(page) and 'value="asap"' not in page.text
    assert 'name="when" value="2026-11-23T14:15+00:00" checked' in page.text
    late = visitor.submit(phone="020 7946 0123", name="Ada")
    assert late.status_code == 422 and "could not call you today" in text_of(late)
    assert value_of(late, "name") == "Ada"
    house.close()


def test_a_time_that_was_just_taken_comes_back_with_the_nearest(tmp_path: Path) -> None:
    one_place = replace(SUPPORT, slots=SlotRules(capacity=1))
    house = House(tmp_path, queues={"support": one_place})
    visitor = Visitor(house.app().test_client())
    visitor.book(when="2026-11-23T14:30+00:00")
    page = visitor.submit(
        phone="020 7946 0123",
        name="Ada",
        when="later",
        slot="2026-11-23T15:30+01:00",
        time_zone="Europe/Berlin",
        zone_known="1",
    )
    words = "15:30 has just been taken. The nearest free times are 15:15, 15:45 and 16:00."
    assert page.status_code == 422 and words in text_of(page)
    assert 'name="when" value="2026-11-23T15:45+01:00"' in page.text
    assert value_of(page, "name") == "Ada"
    house.close()


def test_full_times_are_shown_and_cannot_be_chosen(tmp_path: Path) -> None:
    """Struck through rather than missing; a day without a free time stands there, too."""
    short = Hours(zone="Europe/London", week=((Span(540, 570),),) * 7)
    short_days = replace(SUPPORT, hours=short, slots=SlotRules(capacity=1, days_ahead=12))
    house = House(tmp_path, queues={"support": short_days})
    for n, time in enumerate(("24T09:00", "24T09:15", "25T09:15")):
        house.submit(phone=f"020 7946 015{n}", scheduled_for=f"2026-11-{time}")
    page = house.app().test_client().get("/").text
    assert page.count(" disabled>") == 2
    full_day = r'name="day" disabled><span><b>Tue</b> <small>24 Nov</small></span> <span class="vh"'
    full_time = r'name="slot" disabled><span><time[^>]*>09:15</time> </span> <span class="vh">Full'
    assert re.search(full_day, page) and re.search(full_time, page)
    assert 'value="2026-11-25" checked' in page and "Time tomorrow" not in page
    assert 'value="2026-11-25T09:00+00:00"' in page
    house.close()


def test_the_repeated_hour_shows_its_offset(house: House) -> None:
    house.clock.now = datetime(2026, 10, 24, 12, tzinfo=UTC)
    page = house.app().test_client().get("/")
    for offset in ("01:00", "00:00"):
        assert f'value="2026-10-25T01:15+{offset}"' in page.text
        assert f'<small dir="ltr">UTC+{offset}</small>' in page.text


def test_another_zone_day_and_department_without_a_script(visitor: Visitor) -> None:
    typed = visitor.fill(name="Ada", time_zone="Asia/Kolkata", show_zone="1")
    page = visitor.client.post("/form", data=typed)
    assert page.status_code == 200 and value_of(page, "name") == "Ada"
    assert hidden(page, "zone_known") == "1" and "10:15 in London" in text_of(page)
    later = visitor.client.post("/form", data=typed | {"show_day": "2026-12-05"})
    assert '<input class="later" type="radio"' in later.text.replace("dot later", "later")
    assert re.search(r'value="2026-12-05" checked', later.text)


def test_the_first_paint_is_small(visitor: Visitor) -> None:
    """Compressed, as a proxy sends it: under 60 kB with all that the page loads."""
    page = visitor.client.get("/")
    paths = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert len(paths) == 5
    bodies = [page.data]
    for path in paths:
        with visitor.client.get(path) as answer:
            bodies.append(answer.get_data())
    assert sum(len(gzip.compress(body)) for body in bodies) < 60_000
