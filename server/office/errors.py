"""Why the office did not do what it was asked; one line each, for a person."""


class OfficeError(Exception):
    """The order was not carried out."""


class OrderRefused(OfficeError):
    """The order cannot be carried out as it stands: a name that is none, a value that is none, a file's account."""


class OfficeAway(OfficeError):
    """Somebody has the data directory, but nobody answers on its socket."""
