"""Alembic's environment: revisions run on the connection that `backend.store.schema` hands over."""

from alembic import context

from backend import tables_partner

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables_partner.requests.metadata,  # all tables, those of circulation included
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
