"""decide(facts, command) -> Decision, pure."""
