"""The web edge: parse, call one service, render. It knows the services and nothing below them."""

from datetime import timedelta
from typing import Any

from flask import Flask, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_app import errors, health, team_page, theme
from flask_app.api import callbacks
from flask_app.customer import changes, form_page, glued, prepared, status_page
from flask_app.embed import frame as embed
from flask_app.embed import script as embed_script
from flask_app.inside import bar, phone
from flask_app.inside.accounts import administration, own_account, sign_in
from flask_app.inside.board import actions as board_actions
from flask_app.inside.board import bulk_cancel as board_bulk
from flask_app.inside.board import holds as board_holds
from flask_app.inside.board import page as board
from flask_app.inside.console import page as console
from flask_app.inside.reports import page as reports
from flask_app.shared import access, assets, client, headers, integers, languages, tzdata_watch
from flask_app.shared.app_services import (
    AccountServices,
    AppServices,
    CompanyFacts,
    Readiness,
    install,
)

__all__ = ["AccountServices", "AppServices", "CompanyFacts", "Readiness", "create_app"]

LARGEST_BODY = 16 * 1024
# Behind /login; only where there are accounts.
STAFF_BLUEPRINTS = (
    sign_in.blueprint,
    own_account.blueprint,
    console.blueprint,
    board.blueprint,
    board_actions.blueprint,
    board_bulk.blueprint,
    board_holds.blueprint,
    reports.blueprint,
    phone.blueprint,
    administration.blueprint,
)


class _App(Flask):
    def log_exception(self, exc_info: Any) -> None:
        """Names the endpoint where Flask would name the path, which of a status page is secret."""
        self.logger.error("Exception in %s", request.endpoint, exc_info=exc_info)

    def refusal(self, path: str) -> bytes:
        """See commands.web_worker."""
        return errors.refusal(self, path)


def create_app(parts: AppServices) -> Flask:
    """The WSGI application of one company. Nothing is read from the environment.

    Raises RuntimeError if a route has no access rule.
    """
    app = _App(__name__, template_folder=".")
    tls = parts.base_url.startswith("https:")
    app.config.update(
        SECRET_KEY=parts.secret_key,
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        # With __Host- no other host of the domain can put one of its own in its place.
        SESSION_COOKIE_NAME="__Host-callback" if tls else "callback",
        SESSION_COOKIE_SECURE=tls,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=1),
        # A form may stay open all afternoon; its token lives as long as the browser's session.
        WTF_CSRF_TIME_LIMIT=None,
        # Our own policy is no-referrer, so there is never a Referer to compare.
        WTF_CSRF_SSL_STRICT=False,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    integers.register(app)
    assets.register(app)
    # Werkzeug's own redirects (//name to /name) lead to whatever host the request names.
    app.url_map.merge_slashes = app.url_map.strict_slashes = app.url_map.redirect_defaults = False
    install(app.extensions, parts)
    languages.register(app)
    csrf = CSRFProtect(app)
    # Neither acts for somebody whom a cookie names.
    for without_cookies in (callbacks.blueprint, embed.blueprint):
        csrf.exempt(without_cookies)
        app.register_blueprint(without_cookies)
    embed_script.register(app)
    for blueprint in (
        form_page.blueprint,
        status_page.blueprint,
        changes.blueprint,
        team_page.blueprint,
        health.blueprint,
        theme.blueprint,
    ):
        app.register_blueprint(blueprint)
    if parts.accounts is not None:
        for behind_login in STAFF_BLUEPRINTS:
            app.register_blueprint(behind_login)
        bar.register(app)
    app.extensions["staff_blueprints"] = {one.name for one in STAFF_BLUEPRINTS}
    access.register(app)
    errors.register(app)
    glued.register(app)
    prepared.register(app)
    headers.register(app)
    tzdata_watch.register(app)
    if parts.trusted_proxies:
        hops = parts.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops
        )
    else:
        client.watch_for_proxies(app)
    return app
