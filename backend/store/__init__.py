"""Facts in, changes out; the only folder with queries."""
