"""The words for automation and reviews; see `agent_console.word_tables`."""

from __future__ import annotations

from typing import Final

from agent_console.i18n import N_, NC_

#: What may start a rule (`server.desk.automation.EVENTS`).
TRIGGERS: Final = {
    "created": N_("a conversation begins"),
    "received": N_("the customer writes"),
    "automatic": N_("a machine writes (absence note, bounce)"),
    "answered": N_("the customer gets an answer"),
    "failed": N_("a message of ours does not arrive"),
    "noted": N_("somebody writes a note"),
    "tagged": N_("it gets a tag"),
    "prioritised": N_("its priority changes"),
    "classified": N_("its topic or complexity changes"),
    "routed": N_("a route is found for it"),
    "assigned": N_("it gets an advisor or goes back to a queue"),
    "transferred": N_("it is transferred"),
    "sent_back": N_("a transfer of it is declined, or not answered"),
    "flagged": N_("its advisor asks for help"),
    "woken": N_("it comes back from being put aside"),
    "sla_warned": N_("the promised time is almost over"),
    "sla_breached": N_("the promised time is over"),
    "promise_late": N_("a reminder or promise is late"),
    "resolved": N_("it is resolved"),
    "reopened": N_("it is reopened"),
}

#: Why an answer waits for a reviewer (`server.wire.ReviewWhy`).
REVIEW_WHY: Final = {
    "person": N_("their answers are reviewed"),
    "new": N_("new in the team"),
    "everybody": N_("all answers are reviewed"),
    "public": N_("everybody can read it"),
    "channel": N_("this channel is reviewed"),
}

#: What became of it (`server.wire.ReviewState`).
REVIEW_STATES: Final = {
    "pending": NC_("review", "waits for review"),
    "sent": NC_("review", "sent as it was"),
    "edited": NC_("review", "changed and sent"),
    "returned": NC_("review", "given back"),
    "withdrawn": NC_("review", "taken back"),
}

#: What is wrong with a rule (`server.desk.automation.Fault.code`; `why` in a bad_rule problem).
RULE_FAULTS: Final = {
    "bad_name": N_("“{what}” cannot be a rule's name: letters, digits, . _ -, at most 40, without blanks."),
    "no_event": N_("The rule does not say when: give it an event."),
    "unknown_event": N_("There is no event “{what}”. There are: {known}."),
    "bad_wait": N_("“{what}”: one can wait between 1 minute and 90 days."),
    "one_wait": N_("A rule has one waiting time at most. Make a rule for each."),
    "personal": N_("“{what}” asks about one reader; a rule is nobody. Leave it out."),
    "no_act": N_("The rule does not say what is to be done."),
    "bad_value": N_("“{what}” cannot be done like this."),
    "too_many": N_("The rule has too many parts: {what} events or acts at most."),
    "bad_limit": N_("A rule can fire between 1 and {what} times an hour in one conversation."),
    "too_many_rules": N_("There are {what} rules already, which is the most."),
}

#: what the journal's events are called
RULE_EVENTS: Final = {
    "rule.created": N_("rule added"),
    "rule.updated": N_("rule changed"),
    "rule.removed": N_("rule removed"),
    "rule.fired": N_("rule fired"),
    "rule.limited": N_("rule held back: too often"),
    "rule.called": N_("rule called an event webhook"),
    "review.requested": N_("answer waits for a reviewer"),
    "review.sent": N_("answer reviewed and sent"),
    "review.edited": N_("answer changed by its reviewer and sent"),
    "review.returned": N_("answer given back by its reviewer"),
    "review.withdrawn": N_("answer taken back before its review"),
    "review.late": N_("review takes too long"),
    "review.trusted": N_("answers need no review any more"),
    "review.rule": N_("rule for reviews changed"),
}

#: why something was refused
RULE_PROBLEMS: Final = {
    "review_over": N_("{by} decided about this answer already."),
    "remark_needed": N_("Say in a few words why it goes back."),
    "bad_review_clock": N_("A review can take between 1 minute and 7 days."),
    "bad_rule": N_("The rule cannot be kept like this."),
    "nobody_to_remind": N_("Nobody could be reminded: the conversation has neither an advisor nor a team."),
    "machine_wrote": N_("Not answered: the last message was written by a machine."),
}
