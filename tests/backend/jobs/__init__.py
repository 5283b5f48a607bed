"""Daily jobs."""
