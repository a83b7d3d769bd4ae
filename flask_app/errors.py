"""What goes wrong, in the form that its reader expects: a page, or a problem document."""

from flask import Flask, Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from asterisk_callback.domain.errors import CallbackError, StoreUnavailable
from flask_app.customer import actions, form, form_page, status_page
from flask_app.inside.console import page as console
from flask_app.shared import problems
from flask_app.shared.app_services import parts
from flask_app.shared.typed import typed

# Pages of their own; every other status is shown as the nearest of these.
PAGES = (404, 405, 413, 500, 503)


def register(app: Flask) -> None:
    app.register_error_handler(CSRFError, _form_not_ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CallbackError, _callback_error)
    # Flask logs the exception before it asks for the page.
    app.register_error_handler(500, _http)


def _form_not_ours(error: CSRFError) -> ResponseReturnValue:
    """The CSRF token is missing or old: nothing was done, and nothing typed is lost."""
    if request.endpoint in ("contact.submit", "contact.adjust"):
        return form_page.form_again(form.read(request.form), 400, notice="csrf")
    if request.blueprint == "change" and request.view_args:
        tried = actions.read(str(request.endpoint).rpartition(".")[2], request.form)
        try:
            secret = request.view_args["secret"]
            return status_page.status_page(secret, 400, notice="csrf", tried=tried)
        except CallbackError as other:
            return _callback_error(other)
    return _its_own_form() or _page(400)


def _http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code < 400:
        return error.get_response()
    if not _from_api():
        answer = _page(code)
    elif code >= 500:
        answer = problems.problem("internal-error", code, "Something went wrong on our side.")
    else:
        name = error.name.lower().replace(" ", "-")
        answer = problems.problem(name, code, _DETAILS.get(code, error.description or error.name))
    for header, value in error.get_headers():
        if header in ("Allow", "Retry-After"):
            answer.headers[header] = value
    return answer


_DETAILS = {
    404: "There is nothing at this address.",
    405: "This address does not know this method.",
    413: "The body is too large: at most 16 KiB.",
}


def _callback_error(error: CallbackError) -> ResponseReturnValue:
    """Errors that no view has turned into a better page."""
    if problems.status_of(error) == 500:
        current_app.logger.error("a rule of the core was broken", exc_info=error)
    if _from_api():
        return problems.problem_of(error)
    code = problems.status_of(error)
    answer = _page(code)
    if isinstance(error, StoreUnavailable):
        answer.headers["Retry-After"] = problems.RETRY_AFTER
    return answer


def refusal(app: Flask, path: str) -> bytes:
    """What the server itself answers at this path while too much is asked at once: all of an
    HTTP/1.1 response, in the company's own language."""
    with app.test_request_context(path):
        answer = make_response(_callback_error(StoreUnavailable("too much is asked at once")))
        answer = app.process_response(answer)
    answer.headers["Connection"] = "close"
    answer.content_length = len(answer.get_data())
    head = [f"HTTP/1.1 {answer.status}", *(f"{name}: {text}" for name, text in answer.headers)]
    return "\r\n".join([*head, "", ""]).encode() + answer.get_data()


def _page(code: int) -> Response:
    """The error page. Unknown, expired and erased get the same 404, byte for byte."""
    if _for_staff():
        return _staff_page(code)
    shown = code if code in PAGES else (500 if code >= 500 else 400)
    page = render_template("error.html", shown=shown, company=parts().company)
    return make_response(page, code)


def _for_staff() -> bool:
    return request.blueprint in current_app.extensions["staff_blueprints"]


def _from_api() -> bool:
    return request.path.startswith("/api/")


def _its_own_form() -> Response | None:
    """What a form without its token gets: its own page with what was typed; None: the error's."""
    return console.form_not_ours() if request.blueprint == "console" else None


def _staff_page(code: int) -> Response:
    """In the words of the inside, with the bar and what was typed, if somebody is signed in."""
    kept = typed() if code >= 500 else []
    return make_response(render_template("inside/error.html", code=code, typed=kept), code)
