"""The policy file: its model, its loader and its explanation."""
