"""The words for the codes of transfers; see `agent_console.word_tables`."""

from __future__ import annotations

from typing import Final

from agent_console.i18n import N_, NC_

#: how a customer seems to feel
MOODS: Final = {
    "": NC_("mood", "calm"),
    "calm": NC_("mood", "calm"),
    "content": NC_("mood", "content"),
    "worried": NC_("mood", "worried"),
    "upset": NC_("mood", "upset"),
}

#: what became of a transfer, or of a question to a colleague
TRANSFER_STATES: Final = {
    "pending": NC_("transfer", "waits for an answer"),
    "accepted": NC_("transfer", "accepted"),
    "declined": NC_("transfer", "declined"),
    "expired": NC_("transfer", "came back unanswered"),
    "withdrawn": NC_("transfer", "taken back"),
}

TRANSFER_EVENTS: Final = {
    "conversation.transferred": N_("handed on, waits to be accepted"),
    "conversation.transfer_accepted": N_("transfer accepted"),
    "conversation.transfer_declined": N_("transfer declined"),
    "conversation.transfer_returned": N_("transfer came back unanswered"),
    "conversation.transfer_withdrawn": N_("transfer taken back"),
    "conversation.consulted": N_("colleague asked"),
    "conversation.consult_answered": N_("colleague answered"),
    "conversation.consult_withdrawn": N_("question to a colleague taken back"),
}

#: why something was refused
TRANSFER_PROBLEMS: Final = {
    "transfer_lacks": N_("A transfer needs its reason and its summary: nothing is handed over blind."),
    "transfer_to_holder": N_("{user} has this conversation already. Choose somebody else."),
    "transfer_pending": N_("{by} has offered it to {to} already. Take that back first, or wait for the answer."),
    "transfer_taken": N_("{by} has accepted it already."),
    "transfer_over": N_("This transfer is over: {became}."),
    "transfer_not_yours": N_("This transfer is for {to}."),
    "transfer_responsible": N_("{user} answers for the team. Leave it, or accept it."),
    "no_transfer": N_("Nobody has offered this conversation to anybody."),
    "user_off": N_("{user} does not work here any more. Choose somebody else."),
    "user_absent": N_("{user} is not there now. Choose somebody else, or send it even so."),
    "team_empty": N_("Nobody else is in the team {team}. Choose another, or ask an administrator to fill it."),
    "team_absent": N_("Nobody of the team {team} is there now. Choose another, or send it even so."),
    "name_ambiguous": N_("A person and a team are called {name}: write user:{name} or team:{name}."),
    "consult_self": N_("Ask somebody else than yourself."),
    "consult_pending": N_("{user} has a question here already and has not answered it."),
    "no_consult": N_("No question waits for an answer here."),
}
