"""A line of a story."""

from dataclasses import dataclass

from flask_app.shared.moments import Moment


@dataclass(frozen=True, kw_only=True, slots=True)
class StoryLine:
    """mark: is-done, is-miss or nothing, as the timeline's points are drawn."""

    at: Moment
    title: str
    text: str
    mark: str = ""
