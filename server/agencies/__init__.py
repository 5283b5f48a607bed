"""Partners that speak NCIP: who they are, how they prove it, what they may ask, how they like their answers."""
