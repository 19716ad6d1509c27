"""Sentences for what administrators meet: how a server starts, what checks find, how channels are."""

from __future__ import annotations

from typing import Final

from agent_console.i18n import N_, NC_

#: Why a server does not start like this (`server.settings.BadSetup.code`).
SETUP: Final = {
    "no_postgresql": N_("PostgreSQL is not available yet; leave --database out to use SQLite."),
    "bad_database": N_("{database} is no database we know; leave --database out to use SQLite."),
    "half_tls": N_("A certificate needs its key, and a key its certificate: give both."),
    "cannot_listen": N_("{where} cannot be listened on: {reason}. Choose another --host or --port."),
    "plaintext": N_(
        "Others can reach {host}, and passwords would travel unencrypted: give --tls-certificate and --tls-key, "
        "name the proxy in front with --trusted-proxy, or allow it on purpose with --allow-plaintext."
    ),
}

#: What `channel test` and `doctor` look at, and what to do when it is wrong (`server.wire.Check.name`).
CHECKS: Final = {
    "provider": (N_("Provider"), N_("It did not answer in time. Try again in a moment.")),
    "reach": (N_("Provider reachable"), N_("Check the network, and the address of its API where you set one.")),
    "token": (
        N_("Access token"),
        N_("Make a new token with the permissions that the channel's guide names, and set it as access_token."),
    ),
    "number": (
        N_("Number"),
        N_("Check phone_number_id, and that the token's user may use its business account."),
    ),
    "secret": (N_("App secret"), N_("Copy app_secret from App settings › Basic, of the app the token is of.")),
    "subscription": (
        N_("Webhook subscription"),
        N_("Subscribe the app to the account's webhooks, as the channel's guide says."),
    ),
    "account": (
        N_("Account"),
        N_("Check the account's id, and that the token is of that account."),
    ),
    "updates": (
        N_("How messages come"),
        N_("Set public_url to the channel's https address, which must be reachable from outside, then test again."),
    ),
    "answers": (
        N_("Answers"),
        N_("The other system must answer a signed call with 2xx: compare url and secret on both sides."),
    ),
    "hook": (N_("Event webhook"), N_("The receiver must answer a signed call with 2xx within 15 s.")),
    "version": (N_("Version"), ""),
    "commit": (N_("Time to write down"), N_("The disk is slow or busy; messages are taken in late.")),
    "outbox": (
        N_("Messages to send"),
        N_("Nobody knows whether some were sent: open them in the console and decide."),
    ),
    "channels": (
        N_("Channels"),
        N_("See what is wrong, and what to do about it, with agent-console channel list."),
    ),
    "deliveries": (
        N_("Unreadable calls"),
        N_("Look at them with agent-console deliveries --failed, then agent-console replay ID."),
    ),
    "feed": (N_("Consoles connected"), ""),
    "python": (N_("Python"), ""),
    "sqlite": (N_("SQLite"), ""),
    "terminal": (N_("Terminal"), ""),
    "locale": (N_("Language"), ""),
    "keyring": (N_("Keyring"), ""),
    "data": (N_("Data folder"), ""),
    "permissions": (N_("Permissions"), ""),
    "space": (N_("Disk space"), N_("Make room, or messages cannot be taken in.")),
    "server": (N_("Server"), ""),
    "origins": (N_("Web sites"), N_("Name your own sites as origins, each with https.")),
    "sign_in": (
        N_("Signed in (OAuth 2)"),
        N_("Sign in with a browser: agent-console channel authorize NAME"),
    ),
    "application": (
        N_("Application at the provider (OAuth 2)"),
        N_("Check client_id, client_secret, tenant and scope; a secret there may have ended."),
    ),
    "imap": (
        N_("Mailbox opens (IMAP)"),
        N_("Check imap_host, imap_port and imap_tls; user and password: many providers want an app password."),
    ),
    "folder": (N_("Mail folder"), N_("Check the folder's name, as the mail server spells it: INBOX is the usual one.")),
    "idle": (N_("Told of new mail at once"), ""),
    "smtp": (
        N_("Mail can be sent (SMTP)"),
        N_("Check smtp_host, smtp_port and smtp_tls; user and password, or smtp_user and smtp_password."),
    ),
    "plus": (N_("Plus-addresses in use"), ""),
    "credentials": (
        N_("Account and token"),
        N_("Copy account_sid and auth_token again from the Console, Account info."),
    ),
    "sender": (N_("Sender"), N_("Set number to one that the account has, as the provider writes it.")),
    "webhook": (
        N_("Where incoming messages go"),
        N_("Enter this channel's hook address at the provider, for incoming messages, with POST."),
    ),
    "public_url": (N_("Public address"), ""),
}

#: What a check found that needs words of its own, with what to do (`server.wire.Check.why`).
FINDINGS: Final = {
    "token_of_other": N_("The token is of another account: set the token of this one, or that account's id."),
    "no_app": N_("No application gets this account's webhooks: subscribe one, with the token, by the call named here."),
    "not_subscribed": N_(
        "Some of the webhook's fields are missing: subscribe to them, with the token, by the call named here."
    ),
    "no_comments": N_("Without the field feed no comments come in."),
    "may_not_look": N_(
        "It cannot be told whether webhooks come: check business_account_id; the token needs "
        "whatsapp_business_management."
    ),
    "no_bot": N_("Telegram does not know this token: copy it again from @BotFather (/mybots, API Token)."),
    "webhook_set": N_("Updates cannot be fetched, because a webhook is set: agent-console channel test takes it away."),
    "webhook_elsewhere": N_(
        "Telegram does not call this channel: set public_url to its https address; "
        "agent-console channel test enters it."
    ),
    "webhook_failing": N_("Telegram could not call this channel: its address must be reachable from outside."),
    "not_ours": N_("This number is not of the account: compare with Phone Numbers › Manage › Active numbers."),
    "hook_elsewhere": N_(
        "Incoming messages go elsewhere: enter this channel's hook address under Messaging configuration, with POST."
    ),
    "no_public_url": N_("Not set: delivery reports come late, with the look-ups, and files cannot be sent."),
    "receives_only": N_("There is no url: this channel only receives."),
    "every_site": N_("Every site may embed this chat: name yours instead of *."),
    "unencrypted": N_("A site is not encrypted: use https."),
}

#: How a channel is (`server.wire.Health.state`).
HEALTH_STATES: Final = {
    "ok": NC_("channel", "works"),
    "warning": NC_("channel", "needs attention"),
    "down": NC_("channel", "does not work"),
}

#: What is wrong with a channel (`server.wire.Health.problem`, and its `hint`), and what to do. Names of checks and
#: reasons that are not here have their words above.
HEALTH: Final = {
    "token": (
        N_("The provider no longer accepts our access."),
        N_("Renew the token or password and set it: agent-console channel set {name} --set …; what waits leaves then."),
    ),
    "sign_in": (
        N_("Somebody has to sign in at the provider, for the first time or again."),
        N_("Sign in with a browser: agent-console channel authorize {name}. What waits leaves then."),
    ),
    "permission": (
        N_("The provider does not let this account do that."),
        N_("Look at the account there: it may be blocked or unpaid, or the token may lack a permission."),
    ),
    "rate": (
        N_("The provider holds our messages back: too many at once."),
        N_("They leave by themselves, more slowly. If it happens often, ask the provider for a higher limit."),
    ),
    "provider_down": (
        N_("The provider does not answer."),
        N_("Messages wait and leave by themselves. If it lasts: agent-console channel test {name}"),
    ),
    "other": (
        N_("Something unexpected went wrong."),
        N_("The server's log says what. Try agent-console channel test {name}"),
    ),
    "token_ends": (
        N_("The access token ends soon."),
        N_("Make a new one before and set it: agent-console channel set {name} --set …"),
    ),
    "failing": (
        N_("Half or more of what was sent in the last hour did not get through."),
        N_("See which and why: agent-console outbox list --channel {name}"),
    ),
    "quiet": (
        N_("Nothing has come in for days."),
        N_("Write to it yourself once; if that does not arrive: agent-console channel test {name}"),
    ),
}
