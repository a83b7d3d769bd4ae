"""The web is killed around its commit, and customers press the button more than once."""

import threading
from concurrent.futures import ThreadPoolExecutor

from tests.lab.door import TO_CLIENT
from tests.lab.waiting import PATIENCE, LabError, until

from .case import AT_ONCE, TALKS, Case
from .catalogue import fault
from .stage import need

# What a client meets when the web dies under it, or says that it cannot take the wish.
_FAILURES = (OSError, LabError, ValueError)


@fault("web killed before the commit; the customer tries again")
def before_commit(case: Case) -> None:
    number, key = _customer(case), case.random.randbytes(8).hex()
    with case.stage.locked("attempt", "callback_request", "wish"):
        first = _Submission(case, number, key)
        case.pause(0.5)
        case.stage.kill("web")
        first.join()
    case.promise(first.secret is None, "lost: a submission was confirmed before its commit")
    case.stage.start_product()
    case.confirm(number, case.post(number, key))


@fault("web killed after the commit, before its answer; the customer tries again")
def after_commit(case: Case) -> None:
    number, key = _customer(case), case.random.randbytes(8).hex()
    answer = case.stage.front.rule(TO_CLIENT, b"HTTP/1.1 20", "hold")
    first = _Submission(case, number, key, int(case.stage.front.listen))
    answer.wait_hit()
    case.promise(case.stage.requests_of(number), "lost: the answer came before the commit")
    case.stage.kill("web")
    first.join()
    need(first.secret is None, "the answer was not lost")
    case.stage.start_product()
    case.confirm(number, case.post(number, key))


@fault("web killed after its answer")
def after_answer(case: Case) -> None:
    case.ask()
    case.stage.kill("web")
    case.pause(0.5)


@fault("web killed at a random instant of a submission; the customer tries again")
def at_random(case: Case) -> None:
    number, key = _customer(case), case.random.randbytes(8).hex()
    first = _Submission(case, number, key)
    case.pause(0.1)
    case.stage.kill("web")
    first.join()
    case.stage.start_product()
    again = case.post(number, key)
    case.confirm(number, again)
    if first.secret not in (None, again):
        case.breaches.append("double: the repeated submission got another request")


@fault("50 submissions at once with one key")
def one_key(case: Case) -> None:
    number, key = _customer(case), case.random.randbytes(8).hex()
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: _tried(case, number, key), range(50)))
    secrets = {one for one in answers if one is not None}
    need(secrets, "none of 50 submissions was confirmed")
    if len(secrets) > 1:
        case.breaches.append(f"outside: one key was answered with {len(secrets)} requests")
    for secret in secrets:
        case.confirm(number, secret)


class _Submission:
    """A submission in a thread of its own; `secret` stays None if it was not confirmed."""

    def __init__(self, case: Case, number: str, key: str, port: int | None = None) -> None:
        self.secret: str | None = None
        self._begun = threading.Event()

        def submit() -> None:
            self._begun.set()
            self.secret = _tried(case, number, key, port)

        self._thread = threading.Thread(target=submit)
        self._thread.start()
        self._begun.wait(PATIENCE)

    def join(self) -> None:
        """Wait for the answer, or for its absence."""
        self._thread.join(2 * PATIENCE)
        until(lambda: not self._thread.is_alive(), 1, "the submission to end")


def _tried(case: Case, number: str, key: str, port: int | None = None) -> str | None:
    try:
        return case.post(number, key, port)
    except _FAILURES:
        return None


def _customer(case: Case) -> str:
    number = case.number()
    case.behave(number, TALKS, AT_ONCE)
    return number
