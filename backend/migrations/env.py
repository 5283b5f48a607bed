"""Alembic's environment: revisions run on the connection that `backend.store.schema` hands over."""

from alembic import context

from backend.all_tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
