"""What the API takes and gives: these models check it, answer with it and describe it.

Instants and free times, as the API writes them.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from asterisk_callback.services.booking import availability
from asterisk_callback.services.booking.availability import QueueState
from asterisk_callback.services.booking.booking import LONGEST
from asterisk_callback.services.status.serving import Stop
from asterisk_callback.services.status.status import PublicStatus
from asterisk_callback.services.status.why import Reason
from flask_app.shared.moments import iso

_When = Annotated[
    str,
    Field(
        max_length=40,
        description="ISO 8601: with an offset an instant, without one wall time in `time_zone`. "
        "Without it: as soon as possible.",
        examples=["2030-11-26T10:15"],
    ),
]
_Zone = Annotated[
    str,
    Field(
        max_length=LONGEST["time_zone"],
        description="An IANA time zone; the company's if left out.",
        examples=["Europe/London"],
    ),
]


class _Taken(BaseModel):
    """Nothing is converted, nothing unknown is passed over; an empty default means "left out", and
    so do null and an empty text: that is how many programs write what they do not have."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, body: Any) -> Any:
        if not isinstance(body, dict):
            return body
        optional = {name for name, one in cls.model_fields.items() if not one.is_required()}
        return {
            name: value
            for name, value in body.items()
            if name not in optional or value not in (None, "")
        }


class NewCallback(_Taken):
    """A wish for a call."""

    phone: str = Field(
        min_length=1,
        max_length=400,
        description="A mobile or landline number, best with + and the country's code.",
        examples=["+44 20 7946 0100"],
    )
    queue: str = Field(min_length=1, max_length=64, examples=["support"])
    name: str = Field("", max_length=LONGEST["name"], examples=["Ada"])
    topic: str = Field("", max_length=LONGEST["topic"], examples=["A bill"])
    about: str = Field(
        "",
        max_length=LONGEST["about"],
        description="A note for whoever calls; its line ends become spaces.",
        examples=["The light on the router is red."],
    )
    email: str = Field("", max_length=LONGEST["email"], examples=["ada@example.org"])
    locale: str = Field("", max_length=LONGEST["locale"], examples=["en"])
    page: str = Field(
        "",
        max_length=LONGEST["page"],
        description="The http(s) address of the page on which they asked, for whoever calls. Its "
        "origin and path are kept, without query and fragment, and it is never fetched.",
        examples=["https://www.example.org/moving"],
    )
    scheduled_for: _When = ""
    time_zone: _Zone = ""


class Move(_Taken):
    """Another time for a call."""

    scheduled_for: _When
    time_zone: _Zone = ""


class _Given(BaseModel):
    """Every field is always there, perhaps as null."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Callback(_Given):
    """A wish, and what becomes of it."""

    id: str = Field(pattern="^[A-Za-z0-9_-]{1,32}$")
    status: PublicStatus
    status_url: str = Field(
        description="The customer's own page. Whoever has this address can cancel the call.",
        json_schema_extra={"format": "uri"},
    )
    queue: str
    phone_masked: str = Field(description="The number with only its last three digits shown.")
    scheduled_for: str | None = Field(
        description="The chosen time with its offset; null as soon as possible."
    )
    expected_at: str | None = Field(description="When the call is expected, if that is known.")
    position: int | None = Field(ge=1, description="1 is next; null outside the line.")
    why_waiting: Reason | None = Field(description="Why the call has not come yet.")


class Slot(_Given):
    """A time that can be chosen: send `at` as `scheduled_for`."""

    at: str = Field(description="ISO 8601 with the offset of `time_zone`.")
    free: int | None = Field(ge=0, description="Places; null where there is no limit.")


class QueueTimes(_Given):
    """What a queue can offer now."""

    queue: str
    title: str
    time_zone: str
    state: QueueState = Field(
        description="open: as soon as possible is taken. closed, full: only a chosen time is. "
        "paused: both are, and called when calling goes on. not_offered: no new wish is taken."
    )
    opens_at: str | None = Field(description="When it opens next; null while it is open.")
    expected_from: str | None = Field(description="When who asks now is called, at the earliest.")
    expected_to: str | None = Field(description="The same at the latest; null if nobody can say.")
    why_waiting: Stop | None = Field(
        description="Why nobody is called just now, while `state` is open; null where calls go out."
    )
    slots: list[Slot]


class Problem(BaseModel):
    """What went wrong (RFC 9457). `type` is stable, `detail` is for people."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str = Field(json_schema_extra={"format": "uri-reference"})
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    field: str = Field("", description="The field or the header that can be corrected.")
    free: list[str] = Field([], description="Times that are free, when the wished one is not.")
    readings: list[str] = Field(
        [], description="The numbers that digits without + can be (ambiguous-number)."
    )


def queue_times(found: availability.QueueAvailability) -> QueueTimes:
    """The answer of `…/availability`, in the zone that was asked for."""
    zone, expected = found.zone, found.expected
    return QueueTimes(
        queue=found.queue.name,
        title=found.queue.title,
        time_zone=zone,
        state=found.state,
        opens_at=iso(found.opens_at, zone) if found.opens_at else None,
        expected_from=iso(expected.earliest, zone) if expected else None,
        expected_to=iso(expected.latest, zone) if expected else None,
        why_waiting=found.stop,
        slots=[
            Slot(at=iso(slot.instant, zone), free=slot.free)
            for day in found.days
            for slot in day.slots
            if not slot.full
        ],
    )
