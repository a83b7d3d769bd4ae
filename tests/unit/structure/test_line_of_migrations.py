"""The migrations: one line, whose last one the code names, and a number each."""

from pathlib import Path

from alembic.script import ScriptDirectory

from asterisk_callback.store.upgrade import MIGRATIONS, REVISION


def test_the_migrations_are_one_line() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    revisions = list(scripts.walk_revisions())
    assert scripts.get_heads() == [REVISION]
    assert all(isinstance(one.down_revision, str | None) for one in revisions)
    assert [one.revision for one in revisions if one.down_revision is None] == ["0001"]


def test_each_file_begins_with_its_own_number() -> None:
    numbers = [file.name[:4] for file in Path(MIGRATIONS, "versions").glob("[0-9]*.py")]
    assert sorted(numbers) == [f"{n:04}" for n in range(1, len(numbers) + 1)]
