"""`db`: the database's tables and its backup."""

from pathlib import Path

import click

from asterisk_callback import bootstrap
from asterisk_callback.commands.app import App, CommandFailure, Group, pass_app
from asterisk_callback.config.environment import COPY_VARIABLE
from asterisk_callback.services.calling import holds
from asterisk_callback.store import SqlStore, copying
from asterisk_callback.store import backup as backups


@click.group(cls=Group)
def db() -> None:
    """Upgrade, inspect or back up the database."""


@db.command()
@pass_app
def upgrade(app: App) -> None:
    """Bring the database to the tables that this version needs."""
    store = bootstrap.store(app.settings)
    done = bootstrap.upgrade(store)
    name = bootstrap.database_name(app.settings)
    click.echo(f"{name} {done}." if done.changed else f"{name} was up to date already ({done}).")


@db.command()
@click.argument("revision")
@pass_app
def downgrade(app: App, revision: str) -> None:
    """Take the tables back to those of an older version, REVISION, with the service stopped. What
    only newer tables hold is lost; requests stay. Then install the older version."""
    store = bootstrap.store(app.settings)
    done = bootstrap.downgrade(store, revision)
    click.echo(f"{bootstrap.database_name(app.settings)} {done}. Now install the older version.")


@db.command()
@pass_app
def status(app: App) -> None:
    """Say which revision the database has; exit 1 if it needs an upgrade."""
    found, needed = bootstrap.schema(bootstrap.store(app.settings))
    click.echo(f"{bootstrap.database_name(app.settings)}: revision {found or 'none'}")
    if found != needed:
        raise CommandFailure(f"it {bootstrap.other_tables(found, needed)}")


@db.command()
@pass_app
def own(app: App) -> None:
    """Make the database this installation's, whichever it belonged to. Stop the other one first."""
    store = bootstrap.ready_store(app.settings)
    bootstrap.own(app.settings, store, take=True)
    click.echo(f"{bootstrap.database_name(app.settings)} is now {app.settings.company.name}'s.")


@db.command()
@click.option(
    "--to", "url", required=True, envvar=COPY_VARIABLE, metavar="URL",
    help="The other database: empty, of PostgreSQL or SQLite.",
)  # fmt: skip
@pass_app
def copy(app: App, url: str) -> None:
    """Copy all rows into another, empty database, with the service stopped. Then name it in
    [database] url."""
    source = bootstrap.ready_store(app.settings)
    target = bootstrap.store_at(url)
    bootstrap.upgrade(target)
    copied = copying.copy(source, target)
    click.echo(f"{sum(copied.values()):,} rows of {len(copied)} tables; now set [database] url")


@db.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@pass_app
def backup(app: App, file: Path) -> None:
    """Write a consistent copy of the database to FILE while everything runs on."""
    if file.exists():
        raise CommandFailure(f"{file} exists already; name another file, nothing was written")
    source = bootstrap.database_file(app.settings)
    if source is None:
        name = bootstrap.database_name(app.settings)
        raise CommandFailure(
            f"PostgreSQL has its own tool: pg_dump --format=custom --file={file} {name}"
        )
    if not source.exists():
        raise CommandFailure(
            f"there is no database at {source} yet; run: asterisk-callback db upgrade"
        )
    try:
        backups.backup(source, file)
    except backups.NoBackup as error:
        raise CommandFailure(f"the backup failed, and nothing was left: {error}") from error
    held = _born_held(file)
    click.echo(f"{file}: {file.stat().st_size:,} bytes. Restore it with the service stopped.")
    if not held:
        click.echo(
            "Its tables are not of this version, so it could not be marked: after a restore, "
            "upgrade it and run `asterisk-callback dialling stop` before the service is started."
        )


def _born_held(copy: Path) -> bool:
    """Who starts on the copy has gone back in time: nobody is called before the open requests
    were reviewed. False if the copy's tables are of a version without holds."""
    store = SqlStore(f"sqlite:///{copy}")
    try:
        found, needed = bootstrap.schema(store)
        if found != needed:
            return False
        with store.writing() as tx:
            at = tx.now.strftime("%Y-%m-%d %H:%M UTC")
            holds.stop(tx, actor="backup", reason=holds.restored(f"from a backup of {at}"))
        return True
    finally:
        store.close()
