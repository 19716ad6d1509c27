"""The words for promises, calendars and the message after hours; see `agent_console.word_tables`."""

from __future__ import annotations

from typing import Final

from agent_console.i18n import N_

#: what the journal's events are called
SLA_EVENTS: Final = {
    "sla.started": N_("SLA clock started"),
    "sla.met": N_("SLA met"),
    "sla.missed": N_("SLA missed"),
    "sla.stopped": N_("SLA clock stopped"),
    "sla.warned": N_("SLA close to its limit"),
    "sla.breached": N_("SLA breached"),
    "sla.paused": N_("SLA clock paused"),
    "sla.resumed": N_("SLA clock goes on"),
    "sla.restarted": N_("SLA clock runs on: the answer was none"),
    "sla.changed": N_("SLA clock computed anew"),
    "sla.policy_created": N_("SLA policy added"),
    "sla.policy_updated": N_("SLA policy changed"),
    "sla.policy_removed": N_("SLA policy removed"),
    "calendar.created": N_("calendar added"),
    "calendar.updated": N_("calendar changed"),
    "calendar.removed": N_("calendar removed"),
    "after_hours.updated": N_("message after hours changed"),
    "after_hours.removed": N_("message after hours removed"),
    "after_hours.told": N_("customer told when it opens"),
}

#: why something was refused
SLA_PROBLEMS: Final = {
    "bad_name": N_("{name} cannot be a name: one word of letters and digits, with - . or _, at most 60 characters."),
    "bad_period": N_("{period} is no period. They look like 08:00-12:00."),
    "bad_day": N_("{day} is no date. They look like 2026-12-24, and there can be 1,000."),
    "bad_moment_asked": N_("Calendars are made for the years from 1980 to 2089."),
    "no_holidays_known": N_("No holidays are known of {place}. Countries look like SV, parts of them like SV-SS."),
    "calendar_used": N_("The calendar is used by {by}. Give that another one first."),
    "bad_condition": N_("The condition {condition} takes up to 50 values of at most 120 characters."),
    "no_condition": N_("The policy {policy} needs a condition; the default policy is for everything else."),
    "no_promise": N_("The policy {policy} promises nothing. Give it at least one time."),
    "default_policy": N_("{policy} is the default policy: it has no conditions and stays."),
    "bad_placeholder": N_("The only placeholder is {placeholder}: when it opens again."),
}

#: what there is none of
SLA_NOT_FOUND: Final = {
    "policy": N_("There is no policy {id}. See agent-console sla list"),
    "calendar": N_("There is no calendar {id}. See agent-console calendar list"),
    "after_hours": N_("Nothing is said there after hours."),
}
