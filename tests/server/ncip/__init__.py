"""Mirrors server/ncip."""
