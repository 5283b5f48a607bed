"""What can go wrong below circulation. A refusal is never one of these: rules answer, the store fails."""


class StoreError(Exception):
    """Something went wrong with the records; nothing of the command was kept unless the class says so."""


class StoreUnavailable(StoreError):
    """The database is away, full or read-only; the same command may succeed later."""


class StoreCorrupt(StoreError):
    """The file is no database, or a damaged one; people must look at it."""


class SchemaOutdated(StoreError):
    """The database was made by another version of the program; `skranke database upgrade` is needed."""


class StoreBusy(StoreError):
    """More commands wait than the queue holds; nothing was queued."""


class StoreClosed(StoreError):
    """The store takes no more work."""


class PromiseBroken(StoreError):
    """A change would break a promise of the tables (two open loans of one item, more paid than owed)."""


class TryAgain(StoreError):
    """Nothing was kept, and the same work would succeed now: rows moved under the lock, or a commit was undone."""
