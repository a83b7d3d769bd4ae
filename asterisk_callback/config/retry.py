"""The queue's own reactions to how an attempt ended, laid over the defaults of `domain.retry`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from asterisk_callback.config.fields import Duration
from asterisk_callback.domain.disposition import DEFAULT, Disposition, Reactions, RetryAction
from asterisk_callback.domain.retry import Brief

# Nobody may choose to try again at once: that would spin.
_SHORTEST = timedelta(seconds=5)
_TRIED_AGAIN = (RetryAction.RETRY, RetryAction.BACK)


class RetryChoice(StrEnum):
    """What an admin may choose: another try or the end."""

    RETRY = "retry"
    FAIL = "fail"


class Retry(BaseModel):
    """Keys left out keep their default. after: the pause; limit: rings in all."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    then: RetryChoice | None = Field(None, examples=['then = "retry"'])
    after: Duration | None = Field(None, examples=['after = "5m"'])
    repeated: Duration | None = Field(None, examples=['repeated = "10m"'])
    limit: int | None = Field(None, ge=1, le=20, examples=["limit = 3"])

    def changes(self) -> dict[str, object]:
        given: dict[str, object] = self.model_dump(exclude_none=True)
        if self.then is not None:
            given["then"] = RetryAction(self.then.value)
        return given


def _sound(retries: dict[Disposition, Retry]) -> dict[Disposition, Retry]:
    for disposition, retry in retries.items():
        if not disposition.rule.configurable:
            raise ValueError(f"{disposition}: what follows it can't be changed")
        reaction = replace(DEFAULT[disposition], **retry.changes())  # type: ignore[arg-type]
        if reaction.then is RetryAction.RETRY and reaction.limit is None:
            raise ValueError(f"{disposition}: a retry needs a limit, such as limit = 3")
        ours = retry.after is None and DEFAULT[disposition].then in _TRIED_AGAIN
        if reaction.then in _TRIED_AGAIN and reaction.after < _SHORTEST and not ours:
            raise ValueError(f"{disposition}: after must be at least 5 seconds")
        if DEFAULT[disposition].then is RetryAction.BACK and retry.then is RetryChoice.RETRY:
            raise ValueError(f"{disposition}: the customer is not rung then, so it is no retry")
    return retries


class BriefTalk(BaseModel):
    """Talks shorter than `under` are tried `times` times more, `after` a pause; 0 times: never."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    under: Duration = Field(Brief().under, examples=['under = "1s"'])
    after: Duration = Field(Brief().after, examples=['after = "1m"'])
    times: int = Field(Brief().times, ge=0, le=3, examples=["times = 1"])

    @model_validator(mode="after")
    def _sound(self) -> "BriefTalk":
        if self.after < _SHORTEST:
            raise ValueError("after must be at least 5 seconds")
        return self

    @property
    def rules(self) -> Brief:
        return Brief(under=self.under, after=self.after, times=self.times)


Retries = Annotated[dict[Disposition, Retry], AfterValidator(_sound)]


def reactions(retries: Mapping[Disposition, Retry]) -> Reactions:
    """The queue's whole table."""
    own = {
        disposition: replace(DEFAULT[disposition], **retry.changes())  # type: ignore[arg-type]
        for disposition, retry in retries.items()
    }
    return {**DEFAULT, **own}
