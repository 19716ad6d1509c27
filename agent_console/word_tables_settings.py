"""What is wrong with the settings of a channel or an event webhook; see `agent_console.word_tables`."""

from __future__ import annotations

from typing import Final

from agent_console.i18n import N_

#: What is wrong (`server.channels.base.BadSettings`; `why` in a bad_settings problem), and what would be right.
SETTING_FAULTS: Final = {
    "unknown": N_("There is no setting {setting}; there are: {known}."),
    "missing": N_("The setting {setting} is missing: {help}."),
    "kind": N_("There is no kind of channel {value}; there are: {known}."),
    "one_of": N_("{setting} must be one of these: {choices}."),
    "one_line": N_("{setting} cannot have line breaks: write it as one line."),
    "number": N_("{setting} must be a whole number from {least} to {most}."),
    "too_long": N_("{setting} has {length} characters; at most {limit} fit."),
    "url": N_("{setting} must be an http(s) address like {example}."),
    "https": N_("{setting} must begin with https://, because Telegram calls no other address."),
    "https_only": N_("{setting} must be an https address like {example}, because secrets go there."),
    "tenant": N_("{setting} must be the directory's id or a domain like coop.example."),
    "host": N_("{setting} must be the name of a server, like {example}."),
    "origin": N_(
        "“{value}” is not the address of a web site, like https://www.example.org without anything behind it."
    ),
    "color": N_("“{value}” is no colour. They look like #0b6e69."),
    "mail_address": N_("“{value}” is no e-mail address. They look like service@example.com."),
    "certificate": N_("{setting} must be a certificate in PEM form (-----BEGIN CERTIFICATE-----)."),
    "token": N_("{setting} has characters that no token has: copy it again, whole."),
    "bot_token": N_("{setting} does not look like 123456789:AAE…: copy it again from @BotFather, whole."),
    "secret_token": N_("With mode=webhook, {setting} is needed: 1 to 256 characters of A-Z a-z 0-9 _ -"),
    "meta_id": N_("{setting} must be the id that Meta shows: digits only."),
    "account_sid": N_("{setting} must be the id that Twilio's Console shows: AC and 32 digits."),
    "sender": N_(
        "{setting} must be a telephone number like +50322220000, a short code, a sender's name of at most 11 "
        "characters, or a messaging service's id (MG…)."
    ),
    "secrets": N_("Give one secret, or two with a space between: the new one, then the one it replaces."),
    "secret_prefix": N_("A secret begins with {prefix}. Make one with: {command}"),
    "secret_base64": N_("What follows {prefix} in a secret must be base64: copy it again, whole."),
    "secret_length": N_("A secret has {least} to {most} bytes, this one {length}."),
    "event_kind": N_("“{value}” is no kind of event. They look like message.received or message.*"),
    "too_many_events": N_("Too many kinds of events: at most {limit}."),
    "no_sign_in": N_("Nobody signs in to this channel with a browser: set what it asks for instead."),
}

#: What the settings are that a channel of a kind needs: the server's own English (`server.channels.base.Option`).
SETTING_HELP: Final = (
    N_("the mailbox's address, which customers write to"),
    N_("name to sign in with; often the address"),
    N_("password, or an app password where the provider has these"),
    N_("OAuth 2: the application's id at the provider"),
    N_("OAuth 2: its secret, if it has one"),
    N_("Microsoft: the directory's id or domain"),
    N_("OAuth 2: where tokens come from"),
    N_("IMAP server"),
    N_("SMTP server"),
    N_("id of the professional account, as webhooks name it (17841…)"),
    N_("id of the Page (Page › About › Page transparency)"),
    N_("token of the Page"),
    N_("App dashboard, App settings, Basic: signs the webhooks"),
    N_("a word of your choice, the same in the webhook's set-up"),
    N_("the account's id, AC and 32 digits (Console, Account info)"),
    N_("Console, Account info: signs the webhooks and opens the API"),
    N_("your number as +50322220000, a sender name, or a messaging service's id (MG…)"),
    N_("the bot's token, from @BotFather"),
    N_(
        "sites that may embed the chat, separated by commas: https://www.example.org, https://*.example.org"
        " (any sub-domain) or * (every site: for demonstrations only)"
    ),
    N_(
        "whsec_ and the base64 of 32 random bytes; two, separated by a space, while the first replaces the second",
    ),
    N_("id of the business phone number (App dashboard, WhatsApp, API setup)"),
    N_("token of a system user with whatsapp_business_messaging"),
)
