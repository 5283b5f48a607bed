"""A stateful model of the whole backend against a plain reference; `python -m tests.model` runs it long."""
