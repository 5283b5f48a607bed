"""Protocol message to command and outcome to message; pure functions, no waiting."""
