"""The words for the codes of the rules of service; see `agent_console.word_tables`."""

from __future__ import annotations

from typing import Final

from agent_console.i18n import N_, NC_

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
    "help": N_("asks for help"),
    "stranded": N_("is in a queue that nobody sees"),
    "transfer_unanswered": N_("a transfer was not answered"),
    "review_late": N_("an answer waits too long for its review"),
    "promise_late": N_("a promise was not kept in time"),
    "threshold": N_("a limit of the wallboard was passed"),
}

#: Whether an advisor is there for new work.
AVAILABILITY: Final = {
    "online": NC_("availability", "online"),
    "busy": NC_("availability", "busy"),
    "away": NC_("availability", "away"),
    "offline": NC_("availability", "offline"),
}

#: what the journal's events are called
SERVICE_EVENTS: Final = {
    "service.updated": N_("service settings changed"),
    "alert.raised": N_("alert"),
    "alert.escalated": N_("alert passed on"),
    "alert.ended": N_("alert over"),
}

#: why something was refused
SERVICE_PROBLEMS: Final = {
    "bad_setting": N_("{setting} is no setting of the service, or cannot have that value."),
    "alert_over": N_("This alert is over already."),
}
