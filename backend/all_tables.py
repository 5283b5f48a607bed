"""Every table, in whichever file it is declared: what migrations make and tests empty."""

from backend import tables, tables_agencies, tables_copies, tables_intake, tables_jobs, tables_orders, tables_partner

DECLARED = (
    tables,
    tables_agencies,
    tables_copies,
    tables_intake,
    tables_jobs,
    tables_orders,
    tables_partner,
)  # each enters its tables into the one metadata
metadata = tables.metadata
