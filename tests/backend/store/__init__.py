"""The store, with real SQL on both databases."""
