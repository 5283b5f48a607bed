"""Languages that machines speak; pure, no engine, no database, no circulation."""
