"""A changed policy tried on the loans that were made: what would have been otherwise."""
