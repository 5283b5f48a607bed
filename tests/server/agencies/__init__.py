"""Mirrors server/agencies."""
