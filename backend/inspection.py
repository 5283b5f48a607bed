"""What the rules would see, and what they would answer, read off one snapshot: nothing is changed or journalled."""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from backend.commands import Command, RepeatKey
from backend.facts import Facts, Policies
from backend.model import AskedBy
from backend.outcomes import Outcome
from backend.rules.decide import decide
from backend.store.asking import Asked
from backend.store.session import Session


@dataclass(frozen=True)
class Inspection:
    """At `now`, which need not be the present, by `policies`, which need not be those in force."""

    session: Session
    policies: Policies
    now: datetime

    def facts(self, command: Command, asked_by: AskedBy) -> Facts:
        """All that the rule of this command would look at; row ids are invented."""
        asked = Asked(command=command, asked_by=asked_by, key=RepeatKey(), now=self.now, policies=self.policies)
        return replace(self.session.gather(asked).facts, ids=count(1))

    def answer(self, command: Command, asked_by: AskedBy) -> Outcome:
        """What would be answered."""
        return decide(self.facts(command, asked_by), command).outcome
