"""`init`: a configuration to start with, and the files for Asterisk."""

import shlex
from collections.abc import Callable
from pathlib import Path
from textwrap import indent
from typing import Any

import click
from pydantic import TypeAdapter, ValidationError

from asterisk_callback.commands import init_files
from asterisk_callback.commands.app import CommandFailure
from asterisk_callback.commands.init_files import placing
from asterisk_callback.config import fields
from asterisk_callback.telephony import contract

Decorator = Callable[[Callable[..., None]], Callable[..., None]]


class CheckedValue(click.ParamType):  # type: ignore[type-arg]
    """An option with the same rule as the key that it becomes."""

    def __init__(self, name: str, kind: Any) -> None:
        self.name = name
        self._adapter: TypeAdapter[Any] = TypeAdapter(kind)

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> object:
        if isinstance(value, str) and not value.isprintable():
            # A line end would write lines of its own into Asterisk's files; half a character is
            # what the shell's bytes become where they are no UTF-8.
            self.fail("must be one line of text in UTF-8, without control characters", param, ctx)
        try:
            return self._adapter.validate_python(value)
        except ValidationError as error:
            self.fail(error.errors()[0]["msg"].removeprefix("Value error, "), param, ctx)


def _option(name: str, kind: Any, metavar: str, default: str, text: str) -> Decorator:
    checked = CheckedValue(metavar.lower(), kind)
    return click.option(
        name, type=checked, metavar=metavar, default=default, show_default=True, help=text
    )


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=".")
@_option("--company", fields.Title, "NAME", "Our company", "Its name, as customers know it.")
@_option("--country", fields.Region, "CODE", "GB", "Home country: ISO code, such as DE.")
@_option("--zone", fields.Zone, "ZONE", "Europe/London", "IANA time zone.")
@_option("--queue", fields.Name, "NAME", "support", "The first callback queue.")
@click.option(
    "--asterisk-queue",
    type=CheckedValue("name", fields.AsteriskName),
    help="Its Asterisk queue, such as 600.  [default: the same name]",
)
@_option("--dial", fields.Dial, "TEMPLATE", "PJSIP/{digits}@trunk", "How calls leave.")
@_option("--caller-id", fields.CallerId, "NUMBER", "", "What customers' phones show.")
@_option("--listen", fields.Listen, "HOST:PORT", "127.0.0.1:8080", "Where the web listens.")
@_option(
    "--gate", fields.Reached, "HOST:PORT", "127.0.0.1:4574", "Where Asterisk reaches the gate."
)
@_option("--ami", fields.Reached, "HOST:PORT", "127.0.0.1:5038", "Where Asterisk's AMI is.")
@_option("--instance", fields.Instance, "NAME", "", "Its name, if several share one Asterisk.")
@click.option(
    "--freepbx", is_flag=True, help="For a FreePBX: its names of files, its members, its sounds."
)
@click.option("--install", is_flag=True, help="Put our files where Asterisk reads them, too.")
@click.option("--add-includes", is_flag=True, help="With --install: add our lines to its files.")
@click.option(
    "--asterisk-etc", type=click.Path(path_type=Path, file_okay=False), default=fields.ETC,
    show_default=True, help="With --install: the folder of Asterisk's files.",
)  # fmt: skip
@click.option(
    "--sounds", type=click.Path(path_type=Path, file_okay=False),
    help="With --install: the folder of the English sounds.",
)  # fmt: skip
def init(
    directory: Path, asterisk_queue: str | None, freepbx: bool, install: bool, add_includes: bool,
    asterisk_etc: Path, sounds: Path | None, **options: object,
) -> None:  # fmt: skip
    """Write a commented callback.toml and the files for Asterisk into DIRECTORY.

    Nothing is overwritten, and nothing outside DIRECTORY is touched unless --install says so; said
    again, that puts in place what is missing.
    """
    pbx = init_files.FREEPBX if freepbx else init_files.ASTERISK
    if pbx.numbered and not (asterisk_queue or "").isdecimal():
        raise click.UsageError("FreePBX's queues are numbers: say which, as --asterisk-queue 600.")
    answers = init_files.Answers(
        asterisk_queue=asterisk_queue or str(options["queue"]),
        pbx=pbx,
        etc=asterisk_etc.absolute(),
        **options,  # type: ignore[arg-type]
    )
    if not (install and (directory / "callback.toml").exists()):
        try:
            for path in init_files.write(directory, answers):
                if "sounds" not in path.parts:
                    click.echo(f"wrote {path}")
        except FileExistsError as error:
            raise CommandFailure(
                f"{error.filename} {error.strerror}; nothing was written"
            ) from error
    if install:
        _install(directory, answers, asterisk_etc, sounds or Path(pbx.sounds), add_includes)
        return
    click.echo(_next_steps(directory, answers))


def _install(
    directory: Path, answers: init_files.Answers, etc: Path, sounds: Path, add_includes: bool
) -> None:
    secret = contract.file_of(contract.FILE_MANAGER, answers.instance)
    for line in placing.place(directory / "asterisk", etc, sounds, secret):
        click.echo(line)
    missing = placing.missing_lines(etc, init_files.lines_to_add(answers))
    if add_includes:
        placing.add(missing)
    for file, lines in missing.items():
        click.echo(f"{'added to' if add_includes else 'to be added to'} the end of {file}:")
        click.echo(indent(lines, "    "), nl=False)
    click.echo(f"then: {answers.pbx.reload}")


def _next_steps(directory: Path, answers: init_files.Answers) -> str:
    here = shlex.quote(str(directory / "asterisk"))
    config = shlex.quote(str(directory / "callback.toml"))
    lines, pbx = init_files.lines_to_add(answers), answers.pbx
    extensions, settings, manager = (
        f"{here}/{contract.file_of(name, answers.instance)}"
        for name in (contract.FILE_EXTENSIONS, contract.FILE_SETTINGS, contract.FILE_MANAGER)
    )
    return f"""
Next, as root on the machine with Asterisk:

1. Copy the files. manager_callback.conf holds a secret: the group of Asterisk may read it, nobody
   else (where Asterisk runs under another account, put that in place of asterisk).
     install -m 644 {extensions} {settings} /etc/asterisk/
     install -m 640 -g asterisk {manager} /etc/asterisk/
     install -d -m 755 {pbx.sounds}/callback
     install -m 644 {here}/sounds/en/callback/* {pbx.sounds}/callback/

2. Add these lines to the end of the files in /etc/asterisk that they belong to. With #include in
   place of #tryinclude a file that is lost, or that Asterisk may not read, would take your whole
   dialplan away at its next start.
     {pbx.dialplan}:
{indent(lines[pbx.dialplan], "       ")}     {pbx.manager}:
{indent(lines[pbx.manager], "       ")}
   Then: {pbx.reload}

3. Read {config} (trunk {answers.dial}, caller id, Asterisk queue {answers.asterisk_queue}),
   make the tables, and have everything checked.
     asterisk-callback --config {config} db upgrade
     asterisk-callback --config {config} doctor

4. Start it. The form is then at http://{answers.listen}/
     asterisk-callback --config {config} serve"""
