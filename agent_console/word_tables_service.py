"""The words for the codes of the rules of service; see `agent_console.word_tables`."""

from __future__ import annotations

from typing import Final

from agent_console.i18n import N_, NC_
from agent_console.word_tables_protocol import PROTOCOL_EVENTS, PROTOCOL_PROBLEMS
from agent_console.word_tables_routing import ROUTING_EVENTS, ROUTING_PROBLEMS
from agent_console.word_tables_transfers import TRANSFER_EVENTS, TRANSFER_PROBLEMS

STAGES: Final = {
    "welcome": NC_("stage", "welcome"),
    "diagnosis": NC_("stage", "diagnosis"),
    "resolution": NC_("stage", "resolution"),
    "follow_up": NC_("stage", "follow-up"),
    "closure": NC_("stage", "closure"),
}

COMPLEXITIES: Final = {
    "": NC_("complexity", "not set"),
    "simple": NC_("complexity", "simple"),
    "medium": NC_("complexity", "medium"),
    "complex": NC_("complexity", "complex"),
}

#: What an alert is about.
ALERTS: Final = {
    "sla_breached": N_("the promised time is over"),
    "help": N_("its advisor asks for help"),
    "stranded": N_("is in a queue that nobody sees"),
    "transfer_unanswered": N_("a transfer was not answered"),
    "review_late": N_("an answer waits too long for its review"),
    "promise_late": N_("a promise was not kept in time"),
    "threshold": N_("a limit of the wallboard was passed"),
    "rule_lacks": N_("a rule of automation names somebody who is here no longer"),
}

#: Whether an advisor is there for new work.
AVAILABILITY: Final = {
    "online": NC_("availability", "online"),
    "busy": NC_("availability", "busy"),
    "away": NC_("availability", "away"),
    "offline": NC_("availability", "offline"),
}

#: How a team's queue empties.
ASSIGNMENTS: Final = {
    "pull": N_("advisors take"),
    "automatic": N_("by rule"),
}

#: What becomes of the open work of a member who is not there.
ON_LEAVE: Final = {
    "keep": N_("keeps their open work"),
    "queue": N_("their open work goes back to the queue"),
    "colleague": N_("their open work goes to a colleague"),
}

#: Figures of the wallboard that can have a limit.
THRESHOLDS: Final = {
    "waiting": N_("customers waiting"),
    "unassigned": N_("without an advisor"),
    "breached": N_("promises broken"),
    "flagged": N_("calls for help"),
    "oldest": N_("longest wait"),
    "sla": N_("percent of promises kept"),
}

#: what the journal's events are called
SERVICE_EVENTS: Final = {
    **PROTOCOL_EVENTS,
    **ROUTING_EVENTS,
    **TRANSFER_EVENTS,
    "service.updated": N_("service settings changed"),
    "alert.raised": N_("alert"),
    "alert.escalated": N_("alert passed on"),
    "alert.ended": N_("alert over"),
    "conversation.flagged": N_("help asked for"),
    "conversation.unflagged": N_("help no longer asked for"),
    "reminder.made": N_("reminder made"),
    "reminder.changed": N_("reminder changed"),
    "reminder.moved": N_("reminder moved"),
    "reminder.given": N_("reminder given to somebody"),
    "reminder.due": N_("reminder due"),
    "reminder.late": N_("reminder late"),
    "reminder.tried": N_("call not answered, to be tried again"),
    "reminder.done": N_("reminder done"),
    "reminder.cancelled": N_("reminder cancelled"),
    "reminder.restored": N_("reminder open again"),
    "supervision.whispered": N_("whispered to the advisor"),
    "supervision.observed": N_("looked on silently"),
    "supervision.took_over": N_("taken over by a supervisor"),
    "withheld": N_("something that only others may read"),
    "availability.changed": N_("availability changed"),
}

#: why something was refused
SERVICE_PROBLEMS: Final = {
    **PROTOCOL_PROBLEMS,
    **ROUTING_PROBLEMS,
    **TRANSFER_PROBLEMS,
    "last_resort": N_("{team} is the team of last resort: service set last_resort=… names another one first."),
    "bad_setting": N_("{setting} is no setting of the service, or cannot have that value."),
    "alert_over": N_("This alert is over already."),
    "bad_phone": N_("“{phone}” is not a telephone number."),
    "no_phone": N_("No telephone number of this customer is known: write one."),
    "outcome_needed": N_("Say how the call ended: reached, or no answer."),
    "reminder_over": N_("This reminder is over already."),
    "nobody_to_whisper": N_("There is no advisor here to whisper to."),
    "bad_back_at": N_("Only who is away says when they are back: a moment in the future, at most 400 days ahead."),
    "bad_skills": N_("Skills are words, each with a level from 1 to 9 if it has one: cards:3 english"),
    "bad_capacity": N_("A capacity is a number of conversations from 0 to {most}."),
    "bad_leave_time": N_("A team waits for somebody who left at most a week."),
}
