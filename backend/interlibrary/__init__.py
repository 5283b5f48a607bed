"""Lending between libraries: who supplies, where it is collected, and a request's states."""
