"""Mirrors protocols/."""
