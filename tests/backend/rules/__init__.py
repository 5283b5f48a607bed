"""Rules, with facts made by hand."""
