"""`sites`: the websites that embed the form, and what they need to do it."""

import html
import json

import click

from asterisk_callback import bootstrap
from asterisk_callback.commands.app import App, CommandFailure, Group, pass_app
from asterisk_callback.domain.site import Site

LABEL = "Call me back"


@click.group(cls=Group)
def sites() -> None:
    """The websites that embed the form."""


@sites.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@pass_app
def list_(app: App, as_json: bool) -> None:
    """List the sites: their origins, their callback queues, how many API keys."""
    found = bootstrap.sites(app.settings)
    queues = bootstrap.queues(app.settings)
    if as_json:
        click.echo(json.dumps([_plain(site, list(site.offered(queues))) for site in found]))
        return
    if not found:
        click.echo("no sites: add [sites.NAME] to the configuration")
    for site in found:
        origins = ", ".join(site.origins) or "no origins, so no page may embed the form"
        offered = ", ".join(site.offered(queues))
        click.echo(f"{site.name}: {origins}; queues: {offered}; API keys: {len(site.api_keys)}")


def _plain(site: Site, queues: list[str]) -> dict[str, object]:
    keys = len(site.api_keys)
    return {"name": site.name, "origins": site.origins, "queues": queues, "api_keys": keys}


@sites.command()
@click.argument("name")
@click.option("--queue", help="The callback queue that is chosen at first.")
@click.option("--label", default=LABEL, show_default=True, help="What the button says.")
@click.option("--lang", help="The language, such as de. Default: that of the page.")
@pass_app
def snippet(app: App, name: str, queue: str | None, label: str, lang: str | None) -> None:
    """Print the HTML that puts the button of site NAME on a page, and what the page's policy
    (Content-Security-Policy) must allow for it."""
    site = _site(app, name)
    offered = site.offered(bootstrap.queues(app.settings))
    if queue is not None and queue not in offered:
        raise CommandFailure(
            f"site {name!r} has no callback queue {queue!r}; it has: {', '.join(offered)}"
        )
    if lang is not None and lang not in app.settings.company.languages:
        known = ", ".join(app.settings.company.languages)
        raise CommandFailure(f"[company] languages has no {lang!r}; it has: {known}")
    if queue is None and len(offered) == 1:
        (queue,) = offered
    base = app.settings.web.base_url.rstrip("/")
    click.echo(html_of(base, name, queue, label, {"lang": lang} if lang else {}))
    click.echo(_notes(base, site))


def html_of(base: str, site: str, queue: str | None, label: str, more: dict[str, str]) -> str:
    """The plain link, which is all there is without JavaScript, and the script that puts the button
    in its place. base: our public address, without a slash at its end."""
    link = f"{base}/q/{queue}" if queue else f"{base}/"
    data = {"site": site} | ({"queue": queue} if queue else {}) | more
    attributes = "".join(f' data-{key}="{html.escape(text)}"' for key, text in data.items())
    return (
        f'<a href="{html.escape(link)}">{html.escape(label)}</a>\n'
        f'<script src="{html.escape(base)}/embed.js"{attributes} async></script>'
    )


def _site(app: App, name: str) -> Site:
    """Raises CommandFailure for a site that there is not, or that no page may embed."""
    found = {site.name: site for site in bootstrap.sites(app.settings)}
    if name not in found:
        known = f"there are: {', '.join(found)}" if found else "there are none yet"
        raise CommandFailure(f"there is no site {name!r} in the configuration; {known}")
    if not found[name].origins:
        example = 'origins = ["https://www.example.org"]'
        raise CommandFailure(f"no page may embed it: write {example} into [sites.{name}]")
    return found[name]


def _notes(base: str, site: Site) -> str:
    return f"""
<!-- It works on pages of {", ".join(site.origins)} ([sites.{site.name}] origins); elsewhere the
     button says so and links to the form. If these pages send a Content-Security-Policy, add

       script-src {base}; frame-src {base}

     to it; the button needs no more, no 'unsafe-inline' either. There is no integrity="..." on
     purpose: the script changes with our releases, and an old hash would switch it off. -->"""
