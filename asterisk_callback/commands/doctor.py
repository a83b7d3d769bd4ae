"""`doctor`: finds what is wrong, and says how to fix it."""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import click

from asterisk_callback import config
from asterisk_callback.commands.app import App, pass_app, say
from asterisk_callback.config import ConfigError
from asterisk_callback.doctor import CheckStatus, Finding, examine
from asterisk_callback.doctor.finding import wrong
from asterisk_callback.domain.typed import escaped

_SIGNS = {
    CheckStatus.OK: click.style("ok     ", fg="green"),
    CheckStatus.WARNING: click.style("warning", fg="yellow"),
    CheckStatus.WRONG: click.style("WRONG  ", fg="red"),
    CheckStatus.SKIPPED: click.style("skipped", dim=True),
}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
@pass_app
def doctor(app: App, ctx: click.Context, as_json: bool) -> None:
    """Check everything; exit 1 if anything is wrong. Nothing is changed.

    One call to nobody is placed, to see whether Asterisk reaches the gate.
    """
    seen = (lambda _: None) if as_json else _print
    try:
        file = config.find(app.config_file, os.environ)
        with _quiet():
            findings = examine(app.settings, file, seen)
    except ConfigError as error:
        mend = "mend it, and run doctor again"
        findings = [wrong("configuration.file", one, mend) for one in error.problems]
        for finding in findings:
            seen(finding)
    bad = any(finding.verdict is CheckStatus.WRONG for finding in findings)
    if as_json:
        data = {"ok": not bad, "findings": [asdict(finding) for finding in findings]}
        click.echo(json.dumps(data, indent=2))
    else:
        click.echo(_summary(findings))
    ctx.exit(1 if bad else 0)


@contextmanager
def _quiet() -> Iterator[None]:
    """No log lines of ours: the findings say it better."""
    logger = logging.getLogger("asterisk_callback")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def _print(finding: Finding) -> None:
    # The sign's colours are ours; what follows may be what somebody typed.
    click.echo(f"{_SIGNS[finding.verdict]}  " + escaped(f"{finding.check}: {finding.what}"))
    if finding.mend:
        say(f"         mend: {finding.mend}")


def _summary(findings: list[Finding]) -> str:
    count = {verdict: sum(one.verdict is verdict for one in findings) for verdict in CheckStatus}
    if not count[CheckStatus.WRONG] and not count[CheckStatus.WARNING]:
        return "All is well."
    return f"{count[CheckStatus.WRONG]} wrong, {count[CheckStatus.WARNING]} to look at."
