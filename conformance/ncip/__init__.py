"""NCIP conversations over HTTP: read, played and judged by a stranger who knows only the wire."""
