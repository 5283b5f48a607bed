"""Registers and catalogues as CSV files: read, checked row by row, written in small pieces, reported."""
