"""The subcommands of `skranke`, one file for each kind of work."""
