"""Kinds of machines: the settings an account starts from and may override one by one."""

from collections.abc import Mapping
from typing import Any, Final, Literal

Profile = Literal["self-check", "sorter", "drop", "authentication", "door", "payment", "desk"]

Bundle = Mapping[str, Any]

PROFILES: Final[Mapping[Profile, Bundle]] = {
    "self-check": {"channel": "selfcheck"},
    "sorter": {
        "channel": "drop",
        "wire": {"machine": "sorter"},
        "rights": {"may_backdate": True, "free_return_ok": True, "may_block_cards": False, "offline": True},
        "manner": {"serves": ["09", "17", "19"], "privacy": {"borrower": False}},
    },
    "drop": {
        "channel": "drop",
        "wire": {"machine": "sorter"},
        "rights": {"may_backdate": True, "free_return_ok": True, "may_block_cards": False},
        "manner": {"serves": ["09", "17"], "privacy": {"borrower": False}},
    },
    "authentication": {
        "channel": "web",
        "rights": {"may_block_cards": False},
        "manner": {"serves": ["23", "63", "35"], "screen": {"receipts": False, "tell_pickup_days": False}},
    },
    "door": {
        "channel": "entry",
        "rights": {"may_block_cards": False},
        "manner": {"serves": ["23", "63", "35"], "screen": {"receipts": False}, "privacy": {"name": False}},
    },
    "payment": {
        "channel": "selfcheck",
        "rights": {"may_block_cards": False},
        "manner": {"serves": ["23", "63", "35", "37"]},
    },
    "desk": {
        "channel": "desk",
        "wire": {"machine": "sorter"},
        "rights": {"may_backdate": True, "free_return_ok": True, "renews_for_others": True, "offline": True},
        "manner": {"privacy": {"hold_patron_id": True, "contact": True}},
    },
}


def over(bundle: Bundle, own: Mapping[str, Any]) -> dict[str, Any]:
    """What the account says, and the bundle's values where it says nothing; tables are merged key by key."""
    merged = dict(bundle)
    for key, value in own.items():
        below = merged.get(key)
        merged[key] = over(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged
