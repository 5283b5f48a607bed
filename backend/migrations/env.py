"""Alembic's environment: revisions run on the connection that `backend.store.schema` hands over."""

from alembic import context

from backend.tables_jobs import outbox

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=outbox.metadata,  # of every table
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
