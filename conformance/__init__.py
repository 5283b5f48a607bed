"""A stranger with a socket: judges any ACS or NCIP responder; imports nothing of ours."""
