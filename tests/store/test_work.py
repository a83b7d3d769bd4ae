"""What a dispatcher finds to do: one look for all of it."""

from asterisk_callback.domain.hold import Hold
from asterisk_callback.domain.work import WorkAtHand
from tests.factories import SERVER, Office
from tests.store.preview_office import PreviewOffice


def look(office: Office) -> WorkAtHand:
    with office.store.reading() as tx:
        return tx.work.at_hand(SERVER, ["sales", "support"], 50)


def test_what_others_ask_for_is_seen(still_office: Office) -> None:
    office = still_office
    attempt = office.attempt()
    seen = look(office)
    assert not (seen.held or seen.to_end or seen.offers or seen.orders or seen.due)
    with office.store.writing() as tx:
        dropped = attempt.evolve(dropped_at=tx.now)
        tx.attempts.change(attempt, dropped, actor="test", reason="dropped")
        tx.holds.add(Hold(scope="", since=tx.now, actor="test", reason=""))
    seen = look(office)
    assert seen.held and seen.to_end
    with office.store.reading() as tx:
        assert not tx.work.at_hand("another", [], 1).to_end


def test_an_open_offer_is_seen_until_it_ends(still_office: Office) -> None:
    preview = PreviewOffice.of(still_office.store)
    agent = preview.agent("anna")
    preview.office.submit(0, "sales")
    assert not look(preview.office).offers
    assert preview.round(agent)
    assert look(preview.office).offers
    preview.console.pass_on(agent, preview.offer_of(agent))
    assert not look(preview.office).offers
