"""Daily work: notices, hold expiry, billing, privacy, closures. Facts to a decision to changes, like the rules."""
