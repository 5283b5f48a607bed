"""What pydantic finds wrong with something that people wrote, in words that they can act on. Shows no value."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from pydantic import AfterValidator, ValidationError
from pydantic_core import ErrorDetails

WORDS: Final[Mapping[str, str]] = {
    "extra_forbidden": "this key is not known here",
    "missing": "this key must be written",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "string_type": "must be text in quotes",
    "path_type": "must be a path in quotes",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "date_type": "must be a date, such as 2026-05-17 without quotes",
    "date_parsing": "must be a date, such as 2026-05-17",
    "date_from_datetime_parsing": "must be a date, such as 2026-05-17",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "set_type": "must be a list",
    "frozen_set_type": "must be a list",
    "dict_type": "must be a table",
    "mapping_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "dataclass_type": "must be a table",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "string_too_short": "must have {min_length} characters or more",
    "string_too_long": "must have {max_length} characters or fewer",
    "too_short": "must have {min_length} entries or more",
    "too_long": "must have {max_length} entries or fewer",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "value_error": "{error}",
    "string_pattern_mismatch": "is not spelled as this key wants: {pattern}",
}


def in_plain_words(error: ErrorDetails) -> str:
    """One verdict of pydantic's."""
    told: Mapping[str, object] = error.get("ctx", {})
    context = {key: f"{value:g}" if isinstance(value, float) else value for key, value in told.items()}
    if error["type"] == "string_too_short" and context.get("min_length") == 1:
        return "must not be empty"
    words = WORDS.get(error["type"])
    if words is None:
        return error["msg"].replace("Input should ", "must ", 1)
    return words.format_map(context)


def verdicts(wrong: ValidationError) -> list[tuple[tuple[int | str, ...], str]]:
    """Everything that is wrong: where, and what in plain words. Values are left out, they may be secrets."""
    found = wrong.errors(include_input=False, include_url=False)
    return [(error["loc"], in_plain_words(error)) for error in found]


def place(path: Iterable[int | str]) -> str:
    """`sip2[2].tls.key` out of a path; rows count from one."""
    return "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def in_one_line(wrong: ValidationError) -> str:
    """Everything that is wrong: `key: reason; key: reason`."""
    return "; ".join(": ".join(filter(None, (place(path), reason))) for path, reason in verdicts(wrong))


def spelled(pattern: str, words: str) -> AfterValidator:
    """A text that matches `pattern` from its beginning to its end; `words` say what is wrong with any other."""
    wanted = re.compile(pattern)

    def judge(text: str) -> str:
        if wanted.fullmatch(text) is None:
            raise ValueError(words)
        return text

    return AfterValidator(judge)
