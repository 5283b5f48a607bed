"""Programs that measure; each figure is a ratio against a reference of the same run."""
