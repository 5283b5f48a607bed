"""Mirrors protocols/sip2/."""
