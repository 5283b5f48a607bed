"""NISO Circulation Interchange Protocol, Z39.83."""
