"""Alembic's environment: runs inside `store.upgrade`, on a connection that it is handed."""

from alembic import context

from asterisk_callback.store.tables.metadata import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
