"""The words for the codes of reminders; see `agent_console.word_tables`."""

from __future__ import annotations

from typing import Final

from agent_console.i18n import NC_

REMINDER_KINDS: Final = {
    "reminder": NC_("reminder", "reminder"),
    "promise": NC_("reminder", "promise"),
    "callback": NC_("reminder", "call"),
}

#: How a call to a customer ended.
CALL_OUTCOMES: Final = {
    "reached": NC_("call", "reached"),
    "no_answer": NC_("call", "no answer"),
}
