"""NCIP as we answer it: HTTP and bare TCP, one exchange at a time, each of them kept."""
