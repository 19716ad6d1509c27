"""The words of the protocol of the service: stages' checklists, topics, outcomes; see `agent_console.word_tables`."""

from __future__ import annotations

from typing import Final

from agent_console.i18n import N_, NC_

#: what a stage asks for (`server.wire.ProtocolKind`); `own` items have words of their own
CHECK_ITEMS: Final = {
    "greeting": NC_("checklist", "greeted"),
    "identity": NC_("checklist", "identity checked"),
    "topic": NC_("checklist", "topic set"),
    "complexity": NC_("checklist", "complexity set"),
    "outcome": NC_("checklist", "outcome noted"),
    "satisfaction": NC_("checklist", "satisfaction confirmed"),
    "promise": NC_("checklist", "promise noted"),
    "own": NC_("checklist", "own"),
}

#: what an outcome asks for besides
OUTCOME_ASKS: Final = {
    "amount": N_("amount"),
    "reason": N_("reason"),
}

#: why a stage changed (`why` of conversation.stage)
STAGE_REASONS: Final = {
    "answered": N_("the customer was answered"),
    "classified": N_("topic and complexity are known"),
    "transferred": N_("somebody else took it over"),
    "concluded": N_("an outcome was noted"),
    "inconclusive": N_("the outcome was taken away"),
    "resolved": N_("it was resolved"),
    "reopened": N_("the customer came back"),
    "taken_back": N_("what had moved it on was taken back"),
    "hand": N_("set by hand"),
}

PROTOCOL_EVENTS: Final = {
    "conversation.stage": N_("stage changed"),
    "conversation.classified": N_("topic or complexity set"),
    "conversation.checked": N_("item of the checklist ticked, or no longer"),
    "conversation.outcome": N_("outcome noted"),
    "topic.created": N_("topic added"),
    "topic.updated": N_("topic changed"),
    "topic.removed": N_("topic removed"),
    "protocol.updated": N_("team's protocol changed"),
    "protocol.removed": N_("team's protocol removed"),
}

PROTOCOL_PROBLEMS: Final = {
    "checklist_open": N_("The protocol asks for what is missing: {missing}. Do it, or resolve it anyway."),
    "stage_by_state": N_("Closure is the stage of resolved conversations, and only theirs: resolve or reopen it."),
    "fills_itself": N_("Nobody ticks that: it is done once the conversation itself says so."),
    "unknown_outcome": N_("{outcome} is no outcome of this team; there are: {known}."),
    "outcome_needs": N_("The outcome {outcome} needs something more: {asks}."),
    "bad_currency": N_("{currency} is no currency. They are three letters, like USD."),
    "bad_topic": N_("The topic cannot be kept like this: {what}"),
    "bad_protocol": N_("The protocol cannot be kept like this: {what}"),
}

#: what is wrong with a topic or a protocol (`why` of bad_topic and bad_protocol)
TOPIC_FAULTS: Final = {
    "name": N_("{what} cannot be a topic's name: up to four parts divided by /, at most 80 characters."),
    "key": N_("{what} is no letter."),
    "keyword": N_("{what} cannot be a keyword: words, at most 100 characters."),
    "too_many": N_("More than {what} of one kind are too many."),
}
PROTOCOL_FAULTS: Final = {
    "too_many": N_("More than {what} of one kind are too many."),
    "item": N_("{what} cannot name an item, or does it twice: small letters, digits, - and _."),
    "title": N_("The title of {what} is too long, or has signs that cannot be shown."),
    "no_title": N_("The item {what} needs a title."),
    "outcome": N_("{what} cannot be an outcome, or is there twice."),
}

PROTOCOL_NOT_FOUND: Final = {
    "topic": N_("There is no topic {id}. agent-console topic list tells them all."),
    "check_item": N_("The protocol of this conversation's team does not ask for {id}."),
    "protocol": N_("The team {id} has no protocol."),
}
