"""Alembic's environment: revisions run on the connection that `backend.store.schema` hands over."""

from alembic import context

from backend import tables_jobs, tables_partner

EVERY_TABLE = {tables_jobs.outbox.metadata, tables_partner.requests.metadata}  # one and the same, with all tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=next(iter(EVERY_TABLE)),
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
