"""The words for routing, campaigns, and why a conversation came to somebody; see `agent_console.word_tables`."""

from __future__ import annotations

from typing import Final

from agent_console.i18n import N_, NC_

ROUTING_EVENTS: Final = {
    "conversation.routed": N_("route chosen"),
    "route.created": N_("route added"),
    "route.updated": N_("route changed"),
    "route.removed": N_("route removed"),
    "route.replaced": N_("routing table replaced"),
    "campaign.created": N_("campaign added"),
    "campaign.updated": N_("campaign changed"),
    "campaign.removed": N_("campaign removed"),
}

ROUTING_PROBLEMS: Final = {
    "bad_route": N_("{field} cannot be “{value}”."),
    "in_use": N_("{name} is still in use: {by}. Change that first."),
    "name_unwritable": N_(
        "Searches ask for {was} ({by}), where {name} could not be written or would mean another one: "
        "choose another name."
    ),
    "too_many": N_("There are too many already: {limit} at most."),
}

#: What can name a thing that is to go, or to be called something else.
NAMING: Final = {
    "campaign": N_("the campaign {name}"),
    "route": N_("the route {name}"),
    "rule": N_("the rule {name}"),
    "sla": N_("the service-level policy {name}"),
    "template": N_("the template {name}"),
    "view": N_("the view {name}"),
}

#: What a route can ask for (`server.desk.routing.CONDITIONS`).
CONDITIONS: Final = {
    "team": NC_("condition", "team"),
    "campaign": NC_("condition", "campaign"),
    "topic": NC_("condition", "topic"),
    "complexity": NC_("condition", "complexity"),
    "profile": NC_("condition", "profile"),
    "region": NC_("condition", "region"),
    "language": NC_("condition", "language"),
    "channel": NC_("condition", "channel"),
    "priority": NC_("condition", "priority"),
    "hours": NC_("condition", "hours"),
}

#: By what a campaign was recognised (`server.desk.campaigns.Sign`); `seen` is what of it.
SIGNS: Final = {
    "source": N_("recognised by its ad: {seen}"),
    "ref": N_("recognised by its link: {seen}"),
    "words": N_("recognised by the words: {seen}"),
}

#: The steps that brought a conversation to somebody (`server.wire.WhyStep.code`); an assignment is told by whom it
#: names: somebody, a team, or nobody.
WHY: Final = {
    "created": N_("It began on {channel}."),
    "reopened": N_("It was opened again."),
    "routed.route": N_("The route “{name}” fits: it went to the team {team}."),
    "routed.campaign": N_("The campaign “{campaign}” brought it: it went to the team {team}."),
    "routed.topic": N_("No route names a team; its topic belongs to the team {team}."),
    "routed.channel": N_("No route names a team; its channel belongs to the team {team}."),
    "routed.last_resort": N_("No route names a team: it went to the team of last resort, {team}."),
    "routed.nobody": N_("No route names a team, nor does its channel: it is among what nobody has."),
    "routed.kept": N_("{put_by} had put it into the queue of {team}: it stays there."),
    "assigned.hand.user": N_("{actor} gave it to {user}."),
    "assigned.hand.team": N_("{actor} gave it to the team {team}."),
    "assigned.hand.queue": N_("{actor} put it back into the queue."),
    "assigned.auto.user": N_("It was {user}'s turn: {rule}."),
    "assigned.transfer.user": N_("{by} transferred it to {user}: {reason}"),
    "assigned.transfer.team": N_("{by} transferred it to the team {team}: {reason}"),
    "assigned.returned.user": N_("The transfer came back to {user}."),
    "assigned.returned.queue": N_("The transfer came back into the queue."),
    "assigned.left.user": N_("Its advisor was not there any more; it was {user}'s turn: {rule}."),
    "assigned.left.queue": N_("Its advisor was not there any more: it went back into the queue."),
    "assigned.route.team": N_("Nobody of its team could take it: it went to the team {team}."),
    "assigned.rule.user": N_("The rule “{rule}” gave it to {user}."),
    "assigned.rule.team": N_("The rule “{rule}” gave it to the team {team}."),
    "assigned.rule.queue": N_("The rule “{rule}” put it back into the queue."),
    "assigned.reminder.user": N_("A reminder was due: it went to {user}."),
    "assigned.reminder.team": N_("A reminder was due: it went to the team {team}."),
    "assigned.taken_over.user": N_("{actor} took it over: {reason}"),
    "assigned.merged.user": N_("Another conversation of the customer that {user} had became part of it."),
    "assigned.split.queue": N_("{actor} took apart what had been made one: it went back into the queue."),
    "transferred": N_("{sender} offered it to {to}: {reason}"),
    "transfer_declined": N_("{to} declined it: {reason}"),
    "transfer_returned": N_("{to} did not answer in time: it went on being {sender}'s."),
    "transfer_withdrawn": N_("{actor} took the offer to {to} back."),
    "claimed.claim": N_("{by} took it."),
    "claimed.reply": N_("{by} answered it while nobody had it."),
    "claimed.resolve": N_("{by} closed it while nobody had it."),
    "claimed.transfer": N_("{by} handed it on while nobody had it."),
}

#: What is said of a step that this version does not know.
OTHERWISE: Final = {
    "user": N_("It went to {user}."),
    "team": N_("It went to the team {team}."),
    "queue": N_("It went back into the queue."),
}

#: Why it was somebody's turn (`server.desk.assignment`).
TURNS: Final = {
    "only_one": N_("nobody else could take it"),
    "last_advisor": N_("they served this customer last"),
    "least_loaded": N_("they had the least to do"),
    "longest_without": N_("they had waited longest for one"),
}
