"""The message that a copy waits on the pickup shelf.  Source: policies ASK-29, KAL-16, LYS-25, NOR-12."""

from backend.changes import Change, MarkSent, NoteForStaff
from backend.facts import Decision
from backend.jobs.facts import HoldCase
from backend.jobs.letters import letter, reached
from backend.model import HoldState, NoticeKind, Sent
from backend.outcomes import Done
from backend.policy.model import Policy
from backend.policy.rows import NoticeRow
from backend.rules.circumstances import circumstances, place

READY = "hold_ready"  # the template
NO_ADDRESS = "no_address"  # on staff's list: nobody can be told


def announce(case: HoldCase) -> Decision:
    """One message for each time that a copy reaches the shelf; work for staff when the patron has no address."""
    facts, hold = case.facts, case.hold
    item = facts.item
    if hold.state is not HoldState.READY or hold.ready_on is None or item is None or told_before(case):
        return Decision(outcome=Done(at=facts.now))
    policy = facts.policies.of(hold.library, facts.now)
    asked = circumstances(facts, policy, "collect", patron=case.holder, item=item.item, branch=hold.pickup)
    row = policy.arrival_notice(asked)
    if row is None or (row.opt_in and not case.holder.wants_notices):
        return Decision(outcome=Done(at=facts.now))
    sent = Sent(
        library=hold.library,
        kind=NoticeKind.HOLD_READY,
        hold=hold.id,
        for_day=hold.ready_on,
        step=0,
        sent_on=case.day,
        row=row.id,
        policy=policy.hash,
    )
    return Decision(outcome=Done(at=facts.now, count=1), changes=(MarkSent(sent=sent), message(case, policy, row)))


def told_before(case: HoldCase) -> bool:
    return any(one.sent.for_day == case.hold.ready_on for one in case.sent)


def message(case: HoldCase, policy: Policy, row: NoticeRow) -> Change:
    facts, hold = case.facts, case.hold
    by = reached(case.holder, row.channels, case.dead)
    if by is None:
        return NoteForStaff(
            library=hold.library, reason=NO_ADDRESS, at=facts.now, patron=hold.patron, text=f"{row.id} {case.title}"
        )
    data = {
        "items": [{"title": case.title}],
        "pickup": place(policy, hold.pickup).name,
        "pickup_by": hold.pickup_by.isoformat() if hold.pickup_by else "",
        "reference": hold.reference if row.reference_number else "",
    }
    return letter(facts, policy, case.holder, case.holder, by, row.letter or READY, data)
