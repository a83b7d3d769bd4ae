"""What a form that dials refuses: countries, ranges, too many requests of one kind."""

from dataclasses import replace
from functools import partial

import pytest

from asterisk_callback.domain.errors import LimitReached, NumberNotAllowed
from asterisk_callback.domain.gate import GateRefusal, RefusalReason
from asterisk_callback.domain.limits import Limits
from asterisk_callback.services.booking.booking import Origin, Submission
from asterisk_callback.services.booking.erase import erase
from asterisk_callback.services.booking.renumber import RenumberService
from asterisk_callback.services.booking.withdraw import withdraw
from tests.factories import UNLIMITED, Office, SetClock, callback_queue, complaint, number

DAYS = {"hours": 24, "seconds": 1}


def test_a_number_in_30_days(office: Office, clock: SetClock) -> None:
    office.limits = Limits(requests_per_number_in_30_days=3)
    for _ in range(3):
        withdraw(office.store, office.submit().wish)
        clock.advance(**DAYS)
    with pytest.raises(LimitReached):
        office.submit()
    clock.advance(hours=27 * 24)
    office.submit()


def test_a_block_of_numbers(office: Office, clock: SetClock) -> None:
    """Whoever rents +44 7400 001xxx to have it rung gets ten calls an hour of it."""
    office.limits = Limits(requests_per_block=10)
    for n in range(1000, 1010):
        office.submit(n)
    with pytest.raises(LimitReached):
        office.submit(1999)
    office.submit(2000)
    clock.advance(hours=1, seconds=1)
    office.submit(1999)


def test_a_foreign_country(office: Office, clock: SetClock) -> None:
    office.limits = Limits(requests_per_country=2)
    queues = {name: callback_queue(name, regions=("GB", "DE", "IE")) for name in "ab"}
    office.queues = queues

    def ask(phone: str, queue: str = "a") -> None:
        submission = Submission(phone=phone, queue=queue)
        office.booking.submit(submission, Origin(scope="site", actor="customer"))

    ask("+4930901820")
    ask("+4930901821", "b")
    with pytest.raises(LimitReached):
        ask("+49891234567")
    ask("+35312345678")
    for n in range(3):  # our own country is not counted
        office.submit(n, queue="a")
    clock.advance(**DAYS)
    ask("+49891234567")


@pytest.mark.case("CASES 7: what few networks made counts against them first")
def test_few_networks_fill_no_block_and_no_country(office: Office) -> None:
    office.limits = Limits()
    office.queues = {"sales": callback_queue(regions=("GB", "DE"))}

    def taken(phone: str, address: str) -> bool:
        submission = Submission(phone=phone, queue="sales")
        origin = Origin(scope="site", actor="customer", address=address)
        return complaint(lambda: office.booking.submit(submission, origin)) is None

    posts = [taken(number(n), f"192.0.2.{n % 2}") for n in range(10)]
    assert sum(posts) == 4
    assert taken(number(999), "198.51.100.1")
    abroad = [taken(f"+4930901{820 + n}", f"2001:db8:{n % 4}:{n << 8:x}::/56") for n in range(20)]
    abroad += [taken(f"+4989123{400 + n}", f"2001:db8:{n % 4}:{n << 8:x}::/56") for n in range(20)]
    assert sum(abroad) == 16
    assert taken("+4922112345678", "198.51.100.1")


@pytest.mark.parametrize("known", [False, True])
def test_a_network_that_gives_its_numbers_up_has_had_its_share(office: Office, known: bool) -> None:
    """Else one address closes a block or a country for everybody. Joined ones count, too, or their
    number would tell that somebody else has a request."""
    office.limits = Limits(wishes_per_address=100)
    office.queues = {"sales": callback_queue(regions=("GB", "DE"))}
    renumbering = RenumberService(store=office.store, queues=office.queues, guard=office.guard)
    german = "+4930901820"
    if known:
        for phone in (german, number(1), number(2)):
            office.booking.submit(
                Submission(phone=phone, queue="sales"), Origin(scope="site", actor="customer")
            )

    def posted(n: int, phone: str) -> bool:
        """A wish for this number, which goes on to another one at once."""

        def work() -> None:
            submission = Submission(phone=phone, queue="sales")
            origin = Origin(scope="site", actor="customer", address="192.0.2.1")
            booked = office.booking.submit(submission, origin)
            renumbering.renumber(booked.wish, number(n * 1000))

        return complaint(work) is None

    assert [posted(7 + n, number(1 + n)) for n in range(4)] == [True, True, False, False]
    abroad = [german, *(f"+4989123{400 + n}" for n in range(2)), "+4922112345678", "+4940123456"]
    assert [posted(20 + n, one) for n, one in enumerate(abroad)] == [True] * 4 + [False]


def test_what_a_network_deleted_is_counted(office: Office) -> None:
    office.limits = Limits(wishes_per_address=100)
    taken = []
    for n in range(4):
        refused = complaint(partial(_asked_and_deleted, office, n))
        taken.append(refused is None)
    assert taken == [True, True, False, False]


def _asked_and_deleted(office: Office, n: int) -> None:
    wish = office.submit(n, address="192.0.2.1").wish
    withdraw(office.store, wish)
    erase(office.store, office.guard, wish)


@pytest.mark.case("CASES 7: addresses that can be chosen")
def test_a_network_in_which_addresses_can_be_chosen(office: Office, clock: SetClock) -> None:
    office.limits = replace(UNLIMITED, wishes_per_address=2)
    posts = [f"2001:db8:1:{n << 8:x}::/56" for n in range(12)]
    refused = [complaint(partial(office.submit, n, address=a)) for n, a in enumerate(posts)]
    assert [one is None for one in refused] == [True] * 8 + [False] * 4
    office.submit(50, address="2001:db8:2::/56")
    clock.advance(hours=1, seconds=1)
    office.submit(51, address=posts[0])


def test_a_queue_has_its_own_countries(office: Office) -> None:
    office.queues = {
        "all": callback_queue("all"),
        "abroad": callback_queue("abroad", regions=("DE",)),
    }
    german = Submission(phone="+4930901820", queue="abroad")
    origin = Origin(scope="site", actor="customer")
    assert office.booking.submit(german, origin).request.region == "DE"
    with pytest.raises(NumberNotAllowed, match="country"):
        office.booking.submit(replace(german, queue="all"), origin)
    with pytest.raises(NumberNotAllowed, match="country"):
        office.submit(queue="abroad")
    claimed = office.claim("abroad")
    assert claimed is not None
    office.queues["abroad"] = callback_queue("abroad", regions=("IE",))  # it changed since
    assert office.gate.ask(claimed.attempt.token) == GateRefusal(reason=RefusalReason.NOT_ALLOWED)


def test_no_limit_of_a_number_tells_which_it_is(office: Office) -> None:
    """Nobody learns that a number is suppressed, or known."""

    def told_of(n: int) -> tuple[str, int]:
        with pytest.raises(LimitReached) as refused:
            office.submit(n, queue="support")
        return refused.value.sentence, refused.value.retry_after

    with office.store.writing() as tx:
        tx.suppressions.add(number(1), "asked us")
    told = {told_of(1)}
    office.submit(2)
    office.limits = Limits(requests_per_number=1)
    told.add(told_of(2))
    office.limits = Limits(requests_per_number_in_30_days=1)
    told.add(told_of(2))
    office.limits = Limits(requests_per_block=1)
    told.add(told_of(3))
    assert len(told) == 1


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("reason", ["suppressed", "number", "block", "country"])
def test_who_asks_does_not_learn_that_a_number_has_a_request(
    office: Office, known: bool, reason: str
) -> None:
    """Beyond a limit each number is refused, also the one whose request would take the wish in:
    else all of a block could be tried out in a minute, for nothing."""
    office.queues = {"sales": callback_queue(regions=("GB", "DE"))}
    theirs, others = ("+4930901820", "+4989123450") if reason == "country" else (number(1), "")

    def ask(phone: str) -> None:
        origin = Origin(scope="site", actor="customer")
        office.booking.submit(Submission(phone=phone, queue="sales"), origin)

    if known:
        ask(theirs)
    if reason == "suppressed":
        with office.store.writing() as tx:
            tx.suppressions.add(theirs, "asked us")
    elif reason == "number":
        office.queues |= {"a": callback_queue("a")}
        office.submit(1, queue="a")
        office.limits = Limits(requests_per_number=1)
    elif reason == "block":
        office.submit(2)
        office.limits = Limits(requests_per_block=1)
    else:
        ask(others + "67")
        office.limits = Limits(requests_per_country=1)
    with pytest.raises(LimitReached):
        ask(theirs)


@pytest.mark.parametrize("known", [False, True])
def test_asking_and_leaving_again_and_again_tells_nothing(
    office: Office, clock: SetClock, known: bool
) -> None:
    office.limits = Limits(requests_per_number=2)
    if known:
        office.submit()
    taken = []
    for _ in range(4):
        clock.advance(minutes=1)
        refused = complaint(lambda: withdraw(office.store, office.submit().wish))
        taken.append(refused is None)
    assert taken == [True, True, False, False]


def test_who_has_a_request_may_ask_again(office: Office) -> None:
    office.limits = Limits(requests_per_number=1, requests_per_block=1)
    first, *others = [office.submit() for _ in range(4)]
    assert {one.request.id for one in others} == {first.request.id}
    withdraw(office.store, first.wish)
    assert office.submit().request.id == first.request.id
