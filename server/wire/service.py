"""The rules of service: what the organisation set, and alerts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from server.wire.base import Model

__all__ = ["Alert", "AlertLevel", "ChangeServiceSettings", "ServiceSettings"]

AlertLevel = Literal["advisor", "supervisor", "admin"]


class ServiceSettings(Model, kw_only=True):
    """What the rules of service go by, all over the organisation. Times are lengths in ms; 0 switches a rule off.

    `escalate_ms`: an alert that nobody acknowledges goes to the next level. `capacity`: what an advisor carries unless
    their own number says otherwise, in ordinary conversations. `waiting_percent`: how much of its weight a conversation
    that waits for the customer costs its advisor. `weights`: what a conversation costs by channel kind and complexity
    (`email`, `complex`, `email:complex`), in hundredths of an ordinary one. `sticky_ms`: a customer who comes back this
    soon goes to their last advisor, if they are there. `away_ms`: an advisor who touches no key this long is away.
    `gone_ms`: an advisor whose console is gone this long is offline. `last_resort`: the team that gets what no other
    rule places. `stranded_ms`: a conversation in a queue without anybody to see it raises an alarm after this.
    `thresholds`: figures of the wallboard that raise an alarm when they are passed (see `server.desk.limits`), for all
    or, after a colon, for one team (`waiting`, `oldest:Créditos`).
    `accept_ms`: a transfer that nobody answers comes back. `transfer_text`: by language, what a customer is told who is
    to hear of a transfer; `{who}` is whoever took it. `remind_late_ms`: a promise this long overdue
    raises an alarm. `currency`: of amounts where nobody says another one (ISO 4217).
    """

    escalate_ms: int = 5 * 60_000
    capacity: int = 5
    waiting_percent: int = 50
    weights: dict[str, int] = msgspec.field(default_factory=lambda: {"email": 50, "simple": 75, "complex": 150})
    sticky_ms: int = 24 * 3_600_000
    away_ms: int = 10 * 60_000
    gone_ms: int = 2 * 60_000
    last_resort: str = ""
    stranded_ms: int = 5 * 60_000
    accept_ms: int = 10 * 60_000
    transfer_text: dict[str, str] = msgspec.field(
        default_factory=lambda: {
            "es": "Le saluda {who}. Desde ahora sigo yo con su caso.",
            "en": "This is {who}. I am looking after your case from now on.",
        }
    )
    remind_late_ms: int = 30 * 60_000
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")] = "USD"
    thresholds: dict[str, int] = {}


class ChangeServiceSettings(Model, kw_only=True):
    """Some of the settings by name; null puts one back to what a new organisation starts with."""

    change: dict[str, Any]


class Alert(Model, kw_only=True):
    """Something that somebody has to look at, until it is over or acknowledged.

    `kind`: sla_breached, help, stranded, transfer_unanswered, review_late, promise_late, threshold, rule_lacks
    (`rule` names `user`, who was switched off). `level`: who it has got to: the advisor `user` (or all of `team`), then
    supervisors, then admins. `escalate_at`: when it goes on. `how` it ended: acknowledged (`ended_by`), or over by
    itself.
    """

    id: int
    kind: str
    level: AlertLevel
    conversation: int | None = None
    contact_name: str = ""
    team: str | None = None
    user: str | None = None
    data: dict[str, Any] = {}
    raised_at: int
    escalate_at: int | None = None
    ended_at: int | None = None
    ended_by: str = ""
    how: Literal["", "acknowledged", "over"] = ""
