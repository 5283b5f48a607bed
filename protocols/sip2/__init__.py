"""3M Standard Interchange Protocol 2.00."""
