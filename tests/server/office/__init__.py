"""Staff's orders: through a clerk, over the Unix socket of a running daemon, and from the command line."""
