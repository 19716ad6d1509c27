"""The words after `agent-console`, each with the module that serves it and one line of help.

A table, so that `agent-console --help` imports none of the modules. A module has its Typer app in `app`;
`agent_console.cli.grammar` imports it when its word is used.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from agent_console.i18n import N_


class Noun(NamedTuple):
    """`name` as typed, `module` below `agent_console.cli`, `help` as a message id, `group` a key of `GROUPS`."""

    name: str
    module: str
    help: str
    group: str


GROUPS: Final = {
    "begin": N_("Begin"),
    "work": N_("Work"),
    "set_up": N_("Set up"),
    "look": N_("Look inside"),
}

NOUNS: Final = (
    Noun("demo", "demo", N_("Try everything: a server with simulated customers, and the console"), "begin"),
    Noun("init", "init", N_("Make a data folder with its first administrator"), "begin"),
    Noun("serve", "serve", N_("Run the server"), "begin"),
    Noun("login", "login", N_("Sign in to a server"), "begin"),
    Noun("logout", "logout", N_("Sign out"), "begin"),
    Noun("whoami", "whoami", N_("Who is signed in, and where"), "begin"),
    Noun("convs", "convs", N_("List and search conversations"), "work"),
    Noun("conv", "conv", N_('Show a conversation and act on it: conv 12 reply "…"'), "work"),
    Noun("contact", "contact", N_("Customers, and which of them are one person"), "work"),
    Noun("view", "view", N_("Saved views: searches with a name"), "work"),
    Noun("reminder", "reminder", N_("Reminders, promises and calls, and when they are due"), "work"),
    Noun("status", "status", N_("Who is there, and saying that of oneself"), "work"),
    Noun("alert", "alert", N_("Alerts that somebody has to look at"), "work"),
    Noun("transfer", "transfer", N_("What was handed on to colleagues, and what became of it"), "work"),
    Noun("wallboard", "wallboard", N_("Who waits, who works, how the day goes"), "work"),
    Noun("review", "review", N_("Answers that somebody looks at before they leave"), "work"),
    Noun("template", "template", N_("Reply templates, on the server and in files"), "work"),
    Noun("keys", "keys", N_("The console's keys, and what is wrong with a settings file"), "set_up"),
    Noun("web", "web", N_("The console in a browser"), "work"),
    Noun("topic", "topic", N_("Topics: what conversations can be about, and their keywords"), "set_up"),
    Noun("protocol", "protocol", N_("What each stage of the service asks for, team by team"), "set_up"),
    Noun("tag", "tag", N_("The tags that conversations are marked with"), "set_up"),
    Noun("channel", "channel", N_("Channels: WhatsApp numbers, web chats …"), "set_up"),
    Noun("hook", "hook", N_("Event webhooks: other systems that are told of what happens"), "set_up"),
    Noun("rule", "rule", N_("Automation: when something happens, then this"), "set_up"),
    Noun("service", "service", N_("What the rules of service go by: capacity, absences, alerts …"), "set_up"),
    Noun("sla", "sla", N_("What customers are promised: policies, and trying them"), "set_up"),
    Noun("calendar", "calendar", N_("Opening hours, holidays and days of one's own"), "set_up"),
    Noun("after-hours", "after_hours", N_("What customers are told who write while it is closed"), "set_up"),
    Noun("route", "route", N_("Where conversations go: the routing table, and trying it"), "set_up"),
    Noun("campaign", "campaign", N_("Campaigns: ads and links that bring customers"), "set_up"),
    Noun("org", "org", N_("The organisation's name, time zone and country"), "set_up"),
    Noun("user", "user", N_("Advisors, supervisors and administrators"), "set_up"),
    Noun("team", "team", N_("Teams"), "set_up"),
    Noun("doctor", "doctor", N_("Check this computer and the server, and say what to do"), "look"),
    Noun("outbox", "outbox", N_("Messages that have not left: see them, send them again, let them be"), "look"),
    Noun("events", "events", N_("The journal: everything that happened"), "look"),
    Noun("deliveries", "deliveries", N_("The providers' calls as they arrived"), "look"),
    Noun("replay", "replay", N_("Read a provider's call again"), "look"),
    Noun("api", "api", N_("Call the server's HTTP interface directly"), "look"),
    Noun("completion", "completion", N_("Complete commands with the tab key in your shell"), "look"),
)


def find(name: str) -> Noun | None:
    """The noun of that name."""
    return next((noun for noun in NOUNS if noun.name == name), None)
