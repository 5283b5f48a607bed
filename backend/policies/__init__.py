"""The printed lending rules of real libraries, as data."""
