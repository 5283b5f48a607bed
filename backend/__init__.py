"""Circulation: patrons, items, loans, holds, fees and the rules; knows no protocol."""
