"""Staff's work beside the machines': one door for people's commands, whether a daemon runs or not.

`orders` says what can be asked, `clerk` does it, `site` takes orders from a Unix socket, `client` brings them there, or
to a clerk of its own when nobody listens.
"""
