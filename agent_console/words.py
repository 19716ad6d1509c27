"""What the server's codes are called by people: the server sends stable codes, the console and the CLI say them here.

Every function answers a text in the language in use. A code that this version does not know is shown as it is, so
that an older console stays readable beside a newer server.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent_console.i18n import NC_, _, clock, language, number, pgettext, size
from agent_console.word_tables import (
    ADDRESSES,
    ATTACHMENTS,
    CHANNELS,
    DELIVERIES,
    EVENTS,
    KINDS,
    LIKENESSES,
    NOT_FOUND,
    NOTICES,
    OUTCOMES,
    PRIORITIES,
    PROBLEMS,
    QUERIES,
    REASONS,
    ROLES,
    STATES,
    STATUSES,
    TARGETS,
    UNREACHABLE,
    VIEWS,
)
from agent_console.word_tables_invalid import INVALID
from agent_console.word_tables_protocol import CHECK_ITEMS, OUTCOME_ASKS, PROTOCOL_FAULTS, STAGE_REASONS, TOPIC_FAULTS
from agent_console.word_tables_reminders import CALL_OUTCOMES, REMINDER_KINDS
from agent_console.word_tables_routing import NAMING
from agent_console.word_tables_rules import REVIEW_STATES, REVIEW_WHY, RULE_FAULTS, TRIGGERS
from agent_console.word_tables_service import (
    ALERTS,
    ASSIGNMENTS,
    AVAILABILITY,
    COMPLEXITIES,
    ON_LEAVE,
    STAGES,
    THRESHOLDS,
)
from agent_console.word_tables_settings import SETTING_FAULTS, SETTING_HELP
from agent_console.word_tables_templates import RENDER_FAULTS, TEMPLATE_FAULTS
from agent_console.word_tables_transfers import MOODS, TRANSFER_STATES
from agent_console.word_tables_upkeep import CHECKS, FINDINGS, HEALTH, HEALTH_STATES, SETUP


def state(code: str) -> str:
    """A conversation's state."""
    return _known(STATES, code, "state")


def view(code: str) -> str:
    """The title of one of the inbox's views."""
    return _known(VIEWS, code)


def role(code: str) -> str:
    """A user's role."""
    return _known(ROLES, code)


def status(code: str) -> str:
    """What became of a message."""
    return _known(STATUSES, code, "status")


def stage(code: str) -> str:
    """The stage of the service that a conversation is in."""
    return _known(STAGES, code, "stage")


def complexity(code: str) -> str:
    """How hard a conversation is."""
    return _known(COMPLEXITIES, code, "complexity")


def availability(code: str) -> str:
    """Whether an advisor is there for new work."""
    return _known(AVAILABILITY, code, "availability")


def threshold(code: str) -> str:
    """A figure of the wallboard that has a limit."""
    return _known(THRESHOLDS, code)


def mood(code: str) -> str:
    """How a customer seems to feel."""
    return _known(MOODS, code, "mood")


def transfer(code: str) -> str:
    """What became of a transfer, or of a question to a colleague."""
    return _known(TRANSFER_STATES, code, "transfer")


def check_item(kind: str, title: str = "") -> str:
    """What a stage asks for: in the team's own words, where it has some."""
    return title or _known(CHECK_ITEMS, kind, "checklist")


def stage_reason(code: str) -> str:
    """Why a conversation's stage changed."""
    return _known(STAGE_REASONS, code)


def outcome_asks(code: str) -> str:
    """What an outcome asks for besides."""
    return _known(OUTCOME_ASKS, code)


def reminder_kind(code: str) -> str:
    """A reminder, a promise, a call."""
    return _known(REMINDER_KINDS, code, "reminder")


def call_outcome(code: str) -> str:
    """How a call to a customer ended."""
    return _known(CALL_OUTCOMES, code, "call")


def assignment(code: str) -> str:
    """How a team's queue empties."""
    return _known(ASSIGNMENTS, code)


def on_leave(code: str) -> str:
    """What becomes of the open work of a member who is not there."""
    return _known(ON_LEAVE, code)


def alert(code: str) -> str:
    """What an alert is about, as the end of a sentence that begins with the customer."""
    return _known(ALERTS, code)


def priority(code: str) -> str:
    """A conversation's priority."""
    return _known(PRIORITIES, code)


def address(kind: str) -> str:
    """What an address of a customer is."""
    return pgettext("address", ADDRESSES.get(kind, NC_("address", "the provider's own")))


def target(code: str) -> str:
    """What an SLA clock runs for."""
    return _known(TARGETS, code)


def outcome(code: str) -> str:
    """How a conversation ended; the organisation's own words are shown as they are."""
    return _known(OUTCOMES, code)


def channel(kind: str) -> str:
    """A kind of channel: WhatsApp, Web chat …"""
    return _known(CHANNELS, kind)


def kind(code: str) -> str:
    """A kind of message: photo, voice message …"""
    return _known(KINDS, code)


def event(code: str) -> str:
    """One kind of the journal's events."""
    return _known(EVENTS, code)


def actor(code: str) -> str:
    """Who did something, as the journal names them: `user:NAME`, `contact:ID`, `rule:NAME`, `system`."""
    kind, _colon, name = code.partition(":")
    if kind == "user":
        return name
    if kind == "rule":
        return _("rule {name}").format(name=name)
    return _("customer {id}").format(id=name) if kind == "contact" else _("the server")


def trigger(code: str) -> str:
    """What starts a rule of automation; one that waits as it is written."""
    return _known(TRIGGERS, code)


def review_why(code: str) -> str:
    """Why an answer waits for a reviewer."""
    return _known(REVIEW_WHY, code)


def review_state(code: str) -> str:
    """What became of a review."""
    return _known(REVIEW_STATES, code, "review")


def notice(code: str) -> str:
    """What a notice in a thread tells of."""
    return _known(NOTICES, code)


def attachment(code: str) -> str:
    """What became of a file."""
    return _known(ATTACHMENTS, code)


def likeness(code: str) -> str:
    """Why a contact is likely the same person as another."""
    return _known(LIKENESSES, code)


def proof(code: str, by: str) -> str:
    """Who says that two contacts are one person: `by` is an advisor's name, or the channel does."""
    return _("{by} said so").format(by=by or _("somebody")) if code == "advisor" else _("the channel says so")


def unreachable(why: str, server: str) -> str:
    """Why there was no answer, as a sentence that says what to do."""
    return _(UNREACHABLE.get(why, UNREACHABLE["connect"])).format(server=server)


def delivery(code: str) -> str:
    """What became of a provider's call."""
    return _known(DELIVERIES, code, "delivery")


def reason(code: str, channel_kind: str = "") -> str:
    """Why a message was not delivered, as a sentence that says what to do.

    `channel_kind` names the channel in it; without one it is "the channel".
    """
    text = _(REASONS.get(code, REASONS["other"])).format(
        channel=channel(channel_kind) if channel_kind else _("the channel")
    )
    return text[0].upper() + text[1:]


def problem(code: str, params: Mapping[str, Any] | None = None, detail: str = "") -> str:
    """What the server refused, as a sentence that says what to do.

    `params` and `detail` are the problem document's own. A code that is not known here is told by `detail`.
    """
    given = params or {}
    template = PROBLEMS.get(code)
    if code == "not_found":
        template = NOT_FOUND.get(str(given.get("what")), template)
    if code == "bad_query":
        template = QUERIES.get(str(given.get("why")), template)
        from server.query import in_words  # few searches are wrong

        given = in_words(given, language())
    if code in _FAULTS:
        template = _FAULTS[code].get(str(given.get("why")), template)
    if code == "bad_settings" and given.get("help") in SETTING_HELP:
        given = {**given, "help": _(str(given["help"]))}
    if code == "checklist_open":
        items = [item for item in given.get("missing", ()) if isinstance(item, dict)]
        given = {"missing": [check_item(str(item.get("kind", "")), str(item.get("title", ""))) for item in items]}
    if code in ("in_use", "name_unwritable"):
        given = {**given, "by": [_naming(item) for item in given.get("by", ()) if isinstance(item, dict)]}
    if code == "invalid":
        said = str(given.get("detail", detail))
        given = {"detail": _(said) if said in INVALID else said}
    if template is None:
        return detail or _("The server refused: {code}").format(code=code)
    return _(template).format_map(_Params({"detail": detail, **given}))


def _naming(item: Mapping[str, Any]) -> str:
    """Something that names what is spoken of, with its kind."""
    return _(NAMING.get(str(item.get("kind")), "{name}")).format(name=item.get("name", ""))


def setup(code: str, params: Mapping[str, Any], detail: str = "") -> str:
    """Why a server cannot run with these settings, as a sentence that says what to do."""
    return _(SETUP[code]).format_map(_Params(params)) if code in SETUP else detail


def check(name: str) -> str:
    """What a check looks at. `server.NAME` is what the server says of itself."""
    bare = name.removeprefix("server.")
    known = _(CHECKS[bare][0]) if bare in CHECKS else bare
    return known if bare == name else _("Server: {what}").format(what=known)


def finding(name: str, ok: bool, detail: str, why: str = "") -> str:
    """What a check found, and what to do about it if that is wrong. `why` and `detail` are the finding's own."""
    known = FINDINGS.get(why, "" if ok else CHECKS.get(name.removeprefix("server."), ("", ""))[1])
    if not known:
        return detail
    return f"{_(known)} ({detail})" if detail else _(known)


def health_state(code: str) -> str:
    """How a channel is: works, needs attention, does not work."""
    return _known(HEALTH_STATES, code, "channel")


def health(code: str, name: str) -> tuple[str, str]:
    """What is wrong with the channel of that name, and what to do about it (may be empty), as sentences."""
    if code in HEALTH:
        what, todo = HEALTH[code]
        return _(what), _(todo).format(name=name)
    if code in FINDINGS:
        return _(FINDINGS[code]), ""
    if code in CHECKS:
        what, todo = CHECKS[code]
        return _("Something is not right: {what}.").format(what=_(what)), _(todo) if todo else ""
    return reason(code), ""


#: problems that have a table of their own for what is wrong
_FAULTS: Mapping[str, Mapping[str, str]] = {
    "bad_rule": RULE_FAULTS,
    "bad_template": TEMPLATE_FAULTS,
    "bad_topic": TOPIC_FAULTS,
    "cannot_render": {**TEMPLATE_FAULTS, **RENDER_FAULTS},
    "bad_protocol": PROTOCOL_FAULTS,
    "bad_settings": SETTING_FAULTS,
}


class _Params(dict[str, Any]):
    """A problem's params as people read them; "?" for one that an older server did not send."""

    def __getitem__(self, key: str) -> Any:
        found = super().__getitem__(key)
        if key in ("at", "until") and isinstance(found, int):
            return clock(found)
        if key in ("limit", "length") and isinstance(found, int):
            return number(found)
        if key == "size" and isinstance(found, int):
            return size(found)
        if isinstance(found, list):
            return ", ".join(map(str, found))
        if key == "status":
            return status(str(found))
        if key == "became":
            return transfer(str(found))
        if key == "asks":
            return outcome_asks(str(found))
        if key == "became":
            return transfer(str(found))
        return kind(str(found)) if key == "kind" else found

    def __missing__(self, key: str) -> str:
        return _("Somebody") if key == "by" else "?"


def _known(table: Mapping[str, str], code: str, context: str = "") -> str:
    if code not in table:
        return code
    return pgettext(context, table[code]) if context else _(table[code])
