"""One file per language, each with a text for everything that can be said.

Filled in: `{amount}`, `{limit}`, `{n}`, `{days}`, `{date}`, `{age}`, `{branch}`, `{title}`, `{reference}`, `{field}`.
What stands in square brackets is left out when a fact in it is not known; brackets may stand in brackets.
Texts hold no `BLN` and no `CQY`: a client was seen to search the whole message for them.
"""
