"""Service-level clocks of a conversation: what starts, stops, pauses and moves them. The only place where that is done.

On a conversation at most one clock of each kind runs: for an answer, for the end, for a transfer. The most urgent one
shows on the conversation (`show`). Every change is in the journal, with the policy that counted. Callers save the
conversation.
"""

from __future__ import annotations

import msgspec

from server.commands import alerts
from server.desk import calendars, sla
from server.store import conversations
from server.store import sla as store
from server.store.conversations import Conversation
from server.store.store import Row, Snapshot, Tx

#: what an alert about a breach is called
BREACHED = "sla_breached"
#: states in which nobody of ours is asked yet, or any more
_NO_CLOCK = ("bot", "resolved")


def choice(read: Snapshot, conv: Conversation, rules: store.Rules | None = None) -> sla.Choice:
    """The policy that holds for a conversation now, and why."""
    rules = rules or store.rules(read)
    facts, prescribed = sla.Facts(priority=conv.priority), conv.policy_id
    if rules.about or conv.campaign_id is not None:
        facts, prescribed = store.facts(read, conv)
    return sla.choose(rules.policies, facts, prescribed)


def alert_about(conversation_id: int, target: str) -> str:
    """What the alert of a clock's breach is about: each clock has its own."""
    return f"{conversation_id}:{target}"


# ---------------------------------------------------------------- what happens to a conversation


def customer_waits(tx: Tx, conv: Conversation) -> None:
    """The customer has written: clocks for the answer and for the end start, if none of the kind runs."""
    if conv.state in _NO_CLOCK or conv.waiting_since is not None:
        return
    conv.waiting_since = tx.now
    conv.opened_at = conv.opened_at or tx.now
    begin(tx, conv)


def begin(tx: Tx, conv: Conversation) -> bool:
    """Start what is promised to a customer who waits, and let go on what stood still; whether there was any."""
    rules = store.rules(tx)
    policy = choice(tx, conv, rules).policy
    rows = _running(tx, conv)
    kinds = {sla.kind_of(row["target"]) for row in rows}
    since = conv.waiting_since if conv.waiting_since is not None else tx.now
    started: list[sla.Clock | None] = []
    if "response" not in kinds:
        started.append(_start(tx, conv, policy, sla.target_of(conv.first_reply_at is not None), since))
    if "resolution" not in kinds:
        started.append(_start(tx, conv, policy, "resolution", conv.opened_at or since))
    new = [clock for clock in started if clock is not None]
    if not _settle(tx, conv, rows) and not new:
        return False
    if rows:
        show(tx, conv)
    else:  # the most frequent case, a first message, needs no further query
        _show(conv, new, rules)
    return True


def answered(tx: Tx, conv: Conversation, message_id: int) -> None:
    """The customer has an answer. `conv.state` says already whether we wait for them now."""
    conv.waiting_since = None
    if conv.sla_target is None:
        return
    rest = []
    for row in _running(tx, conv):
        if sla.kind_of(row["target"]) == "response":
            _stop(tx, conv, row, "met" if sla.met(store.clock(row), tx.now) else "missed", message_id)
        else:
            rest.append(row)
    _settle(tx, conv, rest, message_id)
    show(tx, conv)


def unanswered(tx: Tx, conv: Conversation, message_id: int) -> str | None:
    """What counted as an answer was none: the clock that it stopped runs on where it was; its target.

    A clock that started since gives way: the customer waits for the older promise. `conv.state` is still as it was.
    """
    row = store.stopped_by(tx, message_id)
    if row is None:
        return None
    for other in _running(tx, conv):
        if sla.kind_of(other["target"]) == "response":
            store.stop(tx, other["id"], "superseded")
            _over(tx, conv, other)
        elif other["paused_by"] == message_id:  # as if it had never stood still
            store.unpause(tx, other["id"])
            tx.emit("sla.resumed", conv.id, "system", target=other["target"], due_at=other["due_at"])
    store.resume(tx, row["id"], conv.id)
    tx.emit("sla.restarted", conv.id, "system", target=row["target"], due_at=row["due_at"], message=message_id)
    if row["breached_at"] is not None:
        alert(tx, conv, row)
    conv.waiting_since = min(row["started_at"], conv.waiting_since or row["started_at"])
    show(tx, conv)
    return str(row["target"])


def settle(tx: Tx, conv: Conversation) -> None:
    """Let the resolution clock stand still or go on, as the conversation's state asks."""
    if _settle(tx, conv, _running(tx, conv)):
        show(tx, conv)


def stop_all(tx: Tx, conv: Conversation) -> list[int]:
    """The conversation ends: the promise of an end is kept or not, the others are not counted. Which (ids) ran."""
    conv.waiting_since = None
    rows = _running(tx, conv)
    for row in rows:
        ended = "met" if sla.met(store.clock(row), tx.now) else "missed"
        _stop(tx, conv, row, ended if row["target"] == "resolution" else "stopped")
    if rows:
        show(tx, conv)
    return [row["id"] for row in rows]


def go_on(tx: Tx, conv: Conversation, ids: list[int], waiting_since: int | None) -> None:
    """The end is taken back: what `stop_all` stopped runs on where it was, as if it had never stopped. What was offered
    to somebody is offered no longer, so the promise to accept it stays over."""
    conv.waiting_since = waiting_since
    for row in store.get(tx, ids):
        if row["target"] == "transfer" or row["stopped_at"] is None:
            continue
        store.resume(tx, row["id"], conv.id)
        tx.emit("sla.resumed", conv.id, "system", target=row["target"], due_at=row["due_at"])
        if row["breached_at"] is not None:
            alert(tx, conv, row)
    show(tx, conv)


def transfer_began(tx: Tx, conv: Conversation) -> None:
    """A transfer waits to be accepted."""
    policy = choice(tx, conv).policy
    if all(row["target"] != "transfer" for row in _running(tx, conv)):
        _start(tx, conv, policy, "transfer", tx.now)
        show(tx, conv)


def transfer_ended(tx: Tx, conv: Conversation, accepted: bool) -> None:
    """A transfer was accepted, or came back (then the promise is not counted)."""
    for row in _running(tx, conv):
        if row["target"] == "transfer":
            met = "met" if sla.met(store.clock(row), tx.now) else "missed"
            _stop(tx, conv, row, met if accepted else "stopped")
            show(tx, conv)


def reapply(tx: Tx, conv: Conversation, rules: store.Rules | None = None) -> bool:
    """Compute the clocks anew, after something that policies ask about has changed; whether any moved.

    A clock whose policy promises nothing any more stops; what is promised now, and was not before, starts where the
    customer waits.
    """
    if conv.state in _NO_CLOCK or conv.merged_into is not None:
        return False
    rows = _running(tx, conv)
    if not rows and conv.waiting_since is None:
        return False
    rules = rules or store.rules(tx)
    policy = choice(tx, conv, rules).policy
    moved = False
    for row in rows:
        before = store.clock(row)
        after = sla.reapply(policy, before)
        if after is None:
            _stop(tx, conv, row, "stopped", policy=policy.name)
            moved = True
        elif after != before:
            store.put(tx, row["id"], after, row["paused_by"])
            moved = True
            if row["breached_at"] is not None and after.due_at > tx.now:
                _over(tx, conv, row)
            if (after.due_at, after.policy) != (before.due_at, before.policy):
                data = {"target": after.target, "due_at": after.due_at, "was": before.due_at, "policy": policy.name}
                tx.emit("sla.changed", conv.id, "system", **data)
    if conv.waiting_since is not None and begin(tx, conv):
        return True
    settled = _settle(tx, conv, store.running(tx, conv.id) if moved else rows)  # another policy may pause, or not
    if moved or settled:
        show(tx, conv)
    return moved or settled


def reapply_contact(tx: Tx, contact_id: int) -> None:
    """The same for every open conversation of a contact whose profile may have changed."""
    rules = store.rules(tx)
    if "profile" not in rules.about:
        return
    for id in conversations.unresolved_of(tx, contact_id):
        conv = conversations.load(tx, id)
        if conv is not None and reapply(tx, conv, rules):
            conversations.save(tx, conv)


# ---------------------------------------------------------------- what they are made of


def show(tx: Tx, conv: Conversation) -> None:
    """Let the conversation show its most urgent clock, or none."""
    _show(conv, [store.clock(row) for row in store.running(tx, conv.id)], store.rules(tx))


def _show(conv: Conversation, running: list[sla.Clock], rules: store.Rules) -> None:
    found = sla.most_urgent(running)
    if found is None:
        conv.sla_target = conv.sla_started_at = conv.sla_warn_at = conv.sla_due_at = conv.paused_at = None
        conv.sla_time = ""
        return
    conv.sla_target, conv.sla_started_at = found.target, found.started_at
    conv.sla_warn_at, conv.sla_due_at, conv.paused_at = found.warn_at, found.due_at, found.paused_at
    conv.sla_time = _time(rules.policy(found.policy), found)


#: spans without business time that are told of one clock; after so many the rest counts by the clock on the wall
CLOSED = 40


def _time(policy: sla.Policy | None, clock: sla.Clock) -> str:
    """Business time as consoles count it down; nothing where it is the time on the wall."""
    if policy is None or (policy.calendar is calendars.ALWAYS and clock.since_at == clock.started_at):
        return ""
    closed = calendars.closed_spans(policy.calendar, clock.since_at, clock.due_at)[:CLOSED]
    return msgspec.json.encode({"span_ms": clock.span_ms, "closed": closed}).decode()


def run(tx: Tx, conv: Conversation, row: Row) -> None:
    """Let a clock that gave way run as this conversation's (merging and splitting). The caller calls `show`."""
    store.resume(tx, row["id"], conv.id)
    if row["breached_at"] is not None:
        alert(tx, conv, row)
    if sla.kind_of(row["target"]) == "response":
        conv.waiting_since = row["started_at"]


def give_way(tx: Tx, row: Row) -> None:
    """Stop a clock for another one, or to be `run` again elsewhere."""
    store.stop(tx, row["id"], "superseded")
    if row["breached_at"] is not None:
        alerts.over(tx, BREACHED, alert_about(row["conversation_id"], row["target"]))


def alert(tx: Tx, conv: Conversation, row: Row) -> None:
    """A promise was broken: whoever has the conversation has to know."""
    about = alert_about(conv.id, row["target"])
    alerts.raise_(tx, BREACHED, conv, level="advisor", about=about, target=row["target"], due_at=row["due_at"])


def _running(tx: Tx, conv: Conversation) -> list[Row]:
    """The clocks that run on a conversation; without a query where none shows, for then none runs."""
    return store.running(tx, conv.id) if conv.sla_target is not None else []


def _start(tx: Tx, conv: Conversation, policy: sla.Policy, target: sla.Target, at: int) -> sla.Clock | None:
    clock = sla.start(policy, target, at)
    if clock is not None:
        store.start(tx, conv.id, clock)
        tx.emit("sla.started", conv.id, "system", target=target, due_at=clock.due_at, policy=policy.name)
    return clock


def _stop(tx: Tx, conv: Conversation, row: Row, outcome: str, message_id: int | None = None, **why: str) -> None:
    store.stop(tx, row["id"], outcome, message_id)
    _over(tx, conv, row)
    clock = store.clock(row)
    policy = store.rules(tx).policy(clock.policy)
    used = clock.span_ms - sla.left(policy, clock, tx.now) if policy is not None else tx.now - clock.started_at
    data = {"target": clock.target, "took": tx.now - clock.started_at, "business": used, "due_at": clock.due_at}
    if message_id is not None:
        data["message"] = message_id
    tx.emit(f"sla.{outcome}", conv.id, "system", **data, **why)


def _over(tx: Tx, conv: Conversation, row: Row) -> None:
    if row["breached_at"] is not None:
        alerts.over(tx, BREACHED, alert_about(conv.id, row["target"]))


def _settle(tx: Tx, conv: Conversation, rows: list[Row], message_id: int | None = None) -> bool:
    """Pause or resume the resolution clock among `rows`; whether that changed anything. What is put aside stays as
    it is: nobody has written."""
    if conv.state == "snoozed":
        return False
    changed = False
    for row in rows:
        clock = store.clock(row)
        policy = store.rules(tx).policy(clock.policy) if clock.target == "resolution" else None
        if policy is None:
            continue
        if conv.state == "waiting" and policy.pause and clock.paused_at is None:
            store.put(tx, row["id"], sla.pause(clock, tx.now), message_id)
            left = sla.left(policy, clock, tx.now)
            tx.emit("sla.paused", conv.id, "system", target=clock.target, left=left)
        elif (conv.state != "waiting" or not policy.pause) and clock.paused_at is not None:
            again = sla.go_on(policy, clock, tx.now)
            store.put(tx, row["id"], again)
            tx.emit("sla.resumed", conv.id, "system", target=clock.target, due_at=again.due_at)
        else:
            continue
        changed = True
    return changed
