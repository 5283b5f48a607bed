"""Terminal accounts as people write them: who may connect, what the account may do, how its machine is spoken to."""
