"""Was the account's last frame a look-up? The journal, which knows a frame sent twice, never hears of those.

Known to this process alone: after a restart, or at another gateway, the journal's word is all there is.
"""

import hashlib
from dataclasses import dataclass, field, replace
from typing import Final

from backend.circulation import is_change
from backend.commands import Command, RepeatKey
from backend.model import AccountId
from protocols.sip2.events import Request
from server.accounts.settings import Repeats

NO_KEY: Final = RepeatKey()


@dataclass(frozen=True, slots=True)
class LastFrames:
    """Of every account; `secret` is the installation's, for digests of frames."""

    secret: bytes
    looked_up: set[AccountId] = field(default_factory=set)

    def key(self, asked: Request, command: Command, account: AccountId, repeats: Repeats) -> RepeatKey:
        """How a repeat of this request is known again (design decision 4)."""
        if not is_change(command):
            if asked.error_detection:
                self.looked_up.add(account)
            return NO_KEY
        last = account not in self.looked_up
        self.looked_up.discard(account)  # at once: a repeat may come while this one is in work
        frame = hashlib.blake2b(asked.frame, digest_size=16, key=self.secret).digest()
        key = repeats.key(frame if asked.error_detection else None)
        return key if last else replace(key, adjacent=False)
