"""Agency ids as text: how they are compared, how a profile wants them written.  Whose they are, a registry knows."""

import re
from functools import lru_cache

from protocols.ncip.profiles import Profile

WORTH_KEEPING = 100  # characters; a longer id is nobody's, and would fill the memory of keys
NORWEGIAN = re.compile(r"(?:no-)?(\d{7})", re.ASCII)  # bibnr: `NO-0602510`, or bare as Koha stores it
DIGITS = re.compile(r"\d+", re.ASCII)


def agency_key(text: str) -> str:
    """The id as it is compared: blanks, letter case, `ISIL:` and the `NO-` of a library number aside."""
    return _key(text) if len(text) <= WORTH_KEEPING else _key.__wrapped__(text)


@lru_cache(maxsize=4096)
def _key(text: str) -> str:
    bare = text.strip().casefold().removeprefix("isil:").strip()
    norwegian = NORWEGIAN.fullmatch(bare)
    return norwegian[1] if norwegian else bare


def same_agency(one: str, other: str) -> bool:
    """Do both name one agency?  An empty id names none."""
    return agency_key(one) == agency_key(other) != ""


def spellings(text: str) -> tuple[str, ...]:
    """The id in every way in which `same_agency` knows it again, letter case aside; none of an empty one."""
    key = agency_key(text)
    bare = (key, f"no-{key}") if NORWEGIAN.fullmatch(key) else (key,)
    return tuple(f"{prefix}{one}" for prefix in ("", "isil:") for one in bare) if key else ()


def as_sent(text: str, profile: Profile) -> str:
    """The id as the profile writes it: a bare number gets the country's prefix."""
    return f"{profile.agency_prefix}{text}" if DIGITS.fullmatch(text) else text


def institution_and_library(text: str, profile: Profile) -> tuple[str, str]:
    """`47BIBSYS_NB||MAIN` as Alma writes it; the library is empty where the profile or the id has no such thing."""
    if profile.agency_separator is None:
        return text, ""
    institution, _, library = text.partition(profile.agency_separator)
    return institution, library
