"""What an agent is told when something can't be done. The inside speaks English only, so these have
names of their own, whose sentences are not translated."""

from asterisk_callback.domain.errors import InvalidInput, NotFound, NotPossible


class NotYours(NotFound):
    """There is no such offer or call of this agent's."""


class TooLate(NotPossible):
    """What is on the console can't be done any more, or not yet."""


class InvalidEntry(InvalidInput):
    """What was typed or chosen on the console can't be used; `field` says where."""
