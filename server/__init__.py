"""The daemon: wiring, sockets and the command line. Twisted lives here and nowhere else."""
