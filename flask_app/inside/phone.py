"""The agent's phone in the bar of every page, and the buttons that change what Asterisk's queues
see of it."""

from dataclasses import dataclass

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from asterisk_callback.domain.account import InvalidAccount, Role
from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.domain.queue_member import Device, Presence, phone_name
from asterisk_callback.services.console.phone import AgentPhone, Button
from flask_app.inside import return_to
from flask_app.shared import access
from flask_app.shared.app_services import parts

blueprint = Blueprint("presence", __name__, url_prefix="/agent")
access.of_blueprint(blueprint, access.insiders(Role.AGENT))

# Seconds that the answer waits for Asterisk's, so that the page which follows shows what came of
# it. It takes a quarter of one, and half of one where the machine is busy.
PATIENCE = 2.0

_DEVICE = {
    Device.UNKNOWN: "ready",
    Device.NOT_IN_USE: "ready",
    Device.IN_USE: "in a call",
    Device.BUSY: "busy",
    Device.INVALID: "not known to Asterisk",
    Device.UNAVAILABLE: "not connected",
    Device.RINGING: "rings",
    Device.RING_IN_USE: "rings",
    Device.ON_HOLD: "on hold",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneChoice:
    """A button of the menu. do, reason: what it sends."""

    label: str
    do: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PresenceView:
    """phone: "Phone anna: ready". state: the menu's own label, light: its light's class. news: what
    stands in the way, a sentence each; pending: Asterisk has not answered the last press yet."""

    phone: str
    state: str
    light: str
    choices: tuple[PhoneChoice, ...]
    news: tuple[str, ...]
    pending: bool


@blueprint.post("/phone")
def press() -> ResponseReturnValue:
    """`do`: available, pause (with a `reason`), log-in or log-out. `next`: the page to go back
    to."""
    phones = parts().phones
    assert phones is not None
    user = access.me()
    try:
        button = Button(request.form.get("do", ""))
    except ValueError:
        flash("This button is not known any more. Load the page again.")
        return _back()
    try:
        phones.press(user, button, request.form.get("reason", ""))
    except InvalidAccount as error:
        flash(error.sentence)
        return _back()
    phone = phones.wait(user, PATIENCE)
    for sentence in phone.trouble if phone else ():
        flash(sentence)
    return _back()


def presence() -> PresenceView | None:
    """For the bar: of who is asking; None for who has no phone in a queue. Looked up once."""
    if "presence" not in g:
        g.presence = None
        found, phones = access.visit(), parts().phones
        if found is not None and phones is not None:
            try:
                phone = phones.of(found.user)
            except StoreUnavailable:  # the page itself says so
                phone = None
            g.presence = view_of(phone, tuple(phones.reasons)) if phone else None
    shown: PresenceView | None = g.presence
    return shown


def view_of(phone: AgentPhone, reasons: tuple[str, ...]) -> PresenceView:
    """What the bar says of a phone, and which buttons make sense now."""
    state, light = _state(phone)
    device = _DEVICE[phone.device] if phone.device else "not logged in"
    return PresenceView(
        phone=f"Phone {phone_name(phone.interface)}: {device if phone.known else 'not known'}",
        state=state,
        light=light,
        choices=tuple(_choices(phone, reasons)) if phone.known else (),
        news=phone.trouble,
        pending=phone.pending,
    )


def _state(phone: AgentPhone) -> tuple[str, str]:
    """Words, and the light's class: filled is free, a ring is busy, a square is away."""
    if not phone.known:
        return "No connection to Asterisk", "light-off"
    match phone.presence:
        case None:
            return "Logged out", "light-off"
        case Presence.GONE:
            return "Phone not connected", "light-off"
        case Presence.PAUSED:
            return (f"Paused: {phone.reason}" if phone.reason else "Paused"), "light-off"
        case Presence.TALKING:
            return "In a call", "light-busy"
        case Presence.RINGING:
            return "Ringing", "light-busy"
        case Presence.BUSY:
            return "Busy", "light-busy"
        case Presence.FREE:
            return _available(phone), ""


def _available(phone: AgentPhone) -> str:
    """With the queues in which they are not, if there are any."""
    if phone.paused_somewhere:
        return "Paused in some queues"
    return "Available" if phone.everywhere else "Available in some queues"


def _choices(phone: AgentPhone, reasons: tuple[str, ...]) -> list[PhoneChoice]:
    found = []
    if phone.paused_somewhere:
        found.append(PhoneChoice(label="Available", do=Button.AVAILABLE.value))
    if phone.logged_in:
        if not reasons:
            found.append(PhoneChoice(label="Pause", do=Button.PAUSE.value))
        for one in reasons:
            label = f"Pause: {one[:1].lower()}{one[1:]}"
            found.append(PhoneChoice(label=label, do=Button.PAUSE.value, reason=one))
    if not phone.everywhere:
        found.append(PhoneChoice(label="Log in to my queues", do=Button.LOG_IN.value))
    if phone.logged_in:
        found.append(PhoneChoice(label="Log out of my queues", do=Button.LOG_OUT.value))
    return found


def _back() -> ResponseReturnValue:
    return redirect(return_to.wanted() or url_for("account.first"), code=303)
