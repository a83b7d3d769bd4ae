"""The contact form: what it accepts, what it says when it can't, and what it keeps."""

import gzip
import re
from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import IdempotencyConflict, StoreUnavailable
from asterisk_callback.domain.limits import Limits
from tests.web.house import MASKED, NUMBER, OFFICE, OTHER_NUMBER, SALES, SUPPORT, House
from tests.web.page import Visitor, hidden, text_of, value_of

PROMISE = "We will be calling you back shortly. Please keep this line free."
# While nothing of ours runs, as in most tests of pages, more would be a promise nobody can keep.
KEPT = "We will call you back as soon as we can."


def test_asap_leads_to_the_status_page(visitor: Visitor, house: House) -> None:
    path = visitor.book(name="Ada", topic="Moving home")
    page = visitor.client.get(path)
    assert page.status_code == 200
    assert KEPT in text_of(page) and MASKED in text_of(page)
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


@pytest.mark.case("CASES 3: a forgotten +")
def test_digits_that_are_two_numbers_are_asked_about(visitor: Visitor, house: House) -> None:
    """Without a script: both readings are choices, and everything typed is kept."""
    typed = visitor.fill(country="DE", phone="4915112345678", name="Ada")
    asked = visitor.client.post("/callbacks", data=typed)
    assert asked.status_code == 422 and house.requests() == []
    assert "Is that +49 1511 2345678?" in text_of(asked)
    choices = re.findall(r'type="radio" name="reading" value="([^"]+)"', asked.text)
    assert choices == ["+49 1511 2345678", "+49 491 5112345678"]
    assert value_of(asked, "phone") == "4915112345678" and value_of(asked, "name") == "Ada"
    # What was chosen for other digits means nothing.
    other = typed | {"phone": "4915112345679", "reading": choices[0]}
    assert visitor.client.post("/callbacks", data=other).status_code == 422
    chosen = visitor.client.post("/callbacks", data=typed | {"reading": choices[0]})
    assert chosen.status_code == 303
    [row] = house.requests()
    assert "+4915112345678" in row and "Ada" in row


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
    assert KEPT in text_of(visitor.client.get(second))


def test_joining_a_request_shows_nothing_of_what_was_before(visitor: Visitor, house: House) -> None:
    visitor.book(topic="Moving home", name="Ada")
    house.ends(house.ringing(), Disposition.BUSY)
    house.clock.pass_(minutes=1)
    page = text_of(visitor.client.get(visitor.book()))
    assert "busy" not in page and "Moving home" not in page and "Ada" not in page


@pytest.mark.case("CASES 7: where topics are configured only those are taken")
def test_only_topics_that_are_on_offer(visitor: Visitor, house: House) -> None:
    answer = visitor.submit(topic="x;=cmd|' /C calc'!A0", name="Ada")
    said = "Choose one of these topics: No connection, Moving home, A bill."
    assert answer.status_code == 422 and said in text_of(answer) and house.requests() == []
    assert value_of(answer, "name") == "Ada"
    assert visitor.book(topic=" A bill ")


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
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "60"
    assert "Nothing was accepted yet" in text_of(answer) and "secret detail" not in answer.text
    assert value_of(answer, "name") == "Ada"


def test_no_text_is_lost_without_a_number(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("the database does not answer")

    typed = visitor.fill(name="Ada", about="The lift", phone="")
    monkeypatch.setattr("flask_app.customer.timetable.of", away)
    answer = visitor.send(typed)
    assert answer.status_code == 422
    assert value_of(answer, "name") == "Ada" and "The lift" in answer.text
    assert visitor.client.get("/").status_code == 503


def test_the_database_goes_away_after_it_knew_the_key(house: House) -> None:
    class Away:
        def submit(self, *_: object) -> None:
            raise IdempotencyConflict("sent before")

        def sent_before(self, *_: object) -> None:
            raise StoreUnavailable("the database does not answer")

    answer = Visitor(house.app(booking=Away()).test_client()).submit(name="Ada")
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "60"
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


@pytest.mark.case("CASES 4: back, number corrected, sent again")
def test_sent_again_with_another_number(visitor: Visitor, house: House) -> None:
    """The first wish is for a wrong number: whoever sent it may take it back."""
    form = visitor.fill()
    first = visitor.client.post("/callbacks", data=form).location
    other = form | {"phone": OTHER_NUMBER}
    again = visitor.client.post("/callbacks", data=other)
    assert again.status_code == 409 and "This form was sent before" in text_of(again)
    assert f'href="{first}"' in again.text and "See the call that was asked for" in text_of(again)
    assert value_of(again, "phone") == OTHER_NUMBER
    visitor.cancel(first)
    assert f'href="{first}"' not in visitor.client.post("/callbacks", data=other).text
    strange = visitor.client.post("/callbacks", data=other | {"key": "x" * 22})
    assert strange.status_code == 303


@pytest.mark.case("CASES 4: legacy zone names once")
def test_a_zone_by_a_former_name_is_one_choice(house: House) -> None:
    """As many browsers call it, and as a company may."""
    indian = house.app(company=replace(house.parts.company, zone="Asia/Calcutta")).test_client()
    for client in (house.app().test_client(), indian):
        page = client.get("/form/parts?queue=support&time_zone=Asia/Calcutta").text
        assert 'value="Asia/Kolkata" selected' in page and 'value="Asia/Calcutta"' not in page
        assert page.count(">Kolkata, ") == 1
    page = indian.get("/").text
    assert 'value="Asia/Kolkata" selected' in page and 'value="Asia/Calcutta"' not in page


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
