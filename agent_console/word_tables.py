"""The words themselves for the server's codes: message ids, to be shown through `agent_console.words`."""

from __future__ import annotations

from typing import Final

from agent_console.i18n import N_, NC_
from agent_console.word_tables_protocol import PROTOCOL_NOT_FOUND
from agent_console.word_tables_rules import RULE_EVENTS, RULE_PROBLEMS
from agent_console.word_tables_service import SERVICE_EVENTS, SERVICE_PROBLEMS
from agent_console.word_tables_sla import SLA_EVENTS, SLA_NOT_FOUND, SLA_PROBLEMS

STATES: Final = {
    "bot": NC_("state", "with the assistant"),
    "queued": NC_("state", "unassigned"),
    "open": NC_("state", "open"),
    "waiting": NC_("state", "waiting for the customer"),
    "snoozed": NC_("state", "snoozed"),
    "resolved": NC_("state", "resolved"),
}

VIEWS: Final = {
    "mine": N_("Mine"),
    "unassigned": N_("Unassigned"),
    "open": N_("All open"),
    "waiting": N_("Waiting"),
    "resolved": N_("Resolved"),
    "all": N_("All"),
}

ROLES: Final = {
    "advisor": N_("advisor"),
    "supervisor": N_("supervisor"),
    "admin": N_("administrator"),
}

#: What became of a message.
STATUSES: Final = {
    "received": NC_("status", "received"),
    "queued": NC_("status", "about to be sent"),
    "sending": NC_("status", "sending"),
    "sent": NC_("status", "sent"),
    "delivered": NC_("status", "delivered"),
    "read": NC_("status", "read"),
    "played": NC_("status", "played"),
    "failed": NC_("status", "not sent"),
    "unknown": NC_("status", "nobody knows whether it was sent"),
    "cancelled": NC_("status", "taken back"),
    "note": NC_("status", "note"),
}

PRIORITIES: Final = {
    "low": N_("low"),
    "normal": N_("normal"),
    "high": N_("high"),
    "urgent": N_("urgent"),
}

TARGETS: Final = {
    "first_response": N_("first response"),
    "next_response": N_("next response"),
    "resolution": N_("resolution"),
    "transfer": N_("answer to the transfer"),
}

OUTCOMES: Final = {
    "solved": N_("solved"),
    "lead": N_("lead"),
    "sale": N_("sale"),
    "lost": N_("lost"),
    "merged": N_("merged into another one"),
}

#: Two kinds of channel are brand names; the rest are words.
CHANNELS: Final = {
    "whatsapp": "WhatsApp",
    "messenger": "Messenger",
    "instagram": "Instagram",
    "telegram": "Telegram",
    "sms": "SMS",
    "email": N_("E-mail"),
    "webchat": N_("Web chat"),
    "webhook": "Webhook",
}

KINDS: Final = {
    "text": N_("text"),
    "image": N_("photo"),
    "audio": N_("audio"),
    "voice": N_("voice message"),
    "video": N_("video"),
    "document": N_("document"),
    "sticker": N_("sticker"),
    "location": N_("location"),
    "contacts": N_("contact card"),
    "interactive": N_("choice"),
    "button": N_("button"),
    "template": N_("template"),
    "reaction": N_("reaction"),
    "order": N_("order"),
    "share": N_("shared post"),
    "story_mention": N_("mention in a story"),
    "mention": N_("mention"),
    "review": N_("review"),
    "system": N_("notice"),
    "unsupported": N_("a kind of message that cannot be shown"),
}

EVENTS: Final = {
    **SERVICE_EVENTS,
    **RULE_EVENTS,
    **SLA_EVENTS,
    "conversation.created": N_("conversation begun"),
    "conversation.reopened": N_("conversation reopened"),
    "conversation.claimed": N_("conversation taken"),
    "conversation.assigned": N_("conversation assigned"),
    "conversation.resolved": N_("conversation resolved"),
    "conversation.seen": N_("conversation read"),
    "conversation.merged": N_("conversations merged"),
    "conversation.split": N_("conversations parted again"),
    "message.received": N_("message received"),
    "message.queued": N_("reply written"),
    "message.cancelled": N_("reply taken back"),
    "message.status": N_("delivery status"),
    "message.echo": N_("answered with another tool"),
    "message.edited": N_("message edited"),
    "message.revoked": N_("message deleted by its sender"),
    "message.reacted": N_("reaction"),
    "message.hidden": N_("public message hidden or shown again"),
    "message.moderated": N_("public message to be hidden, shown or deleted"),
    "message.dropped": N_("unsent message let be"),
    "conversation.tagged": N_("tags changed"),
    "conversation.prioritised": N_("priority changed"),
    "conversation.snoozed": N_("conversation put aside"),
    "conversation.woken": N_("conversation back from being put aside"),
    "conversation.followed": N_("conversation followed, or no longer"),
    "tag.created": N_("tag added"),
    "tag.updated": N_("tag renamed"),
    "tag.removed": N_("tag removed"),
    "template.created": N_("template added"),
    "template.updated": N_("template changed"),
    "template.removed": N_("template removed"),
    "template.run": N_("macro run"),
    "template.approved": N_("approved templates read from the provider"),
    "view.created": N_("view saved"),
    "view.updated": N_("view changed"),
    "view.removed": N_("view removed"),
    "note.added": N_("note added"),
    "contact.created": N_("contact created"),
    "contact.updated": N_("contact changed"),
    "contact.merged": N_("contacts merged"),
    "contact.unmerged": N_("contacts parted again"),
    "contact.different": N_("noted that two contacts are different people"),
    "identity.changed": N_("contact's address changed"),
    "delivery.replayed": N_("a call of the provider was read again"),
    "delivery.failed": N_("a call of the provider could not be read"),
    "attachment.stored": N_("file stored"),
    "attachment.failed": N_("file could not be fetched"),
    "channel.trouble": N_("trouble with a channel"),
    "channel.recovered": N_("channel works again"),
    "channel.notice": N_("notice of the provider"),
    "channel.created": N_("channel added"),
    "channel.updated": N_("channel changed"),
    "channel.removed": N_("channel removed"),
    "channel.renewed": N_("channel's access renewed by its provider"),
    "hook.created": N_("event webhook added"),
    "hook.updated": N_("event webhook changed"),
    "hook.removed": N_("event webhook removed"),
    "hook.disabled": N_("event webhook switched off because it failed"),
    "user.created": N_("user added"),
    "user.updated": N_("user changed"),
    "user.removed": N_("user removed"),
    "team.created": N_("team added"),
    "team.updated": N_("team changed"),
    "team.removed": N_("team removed"),
    "organisation.updated": N_("organisation changed"),
    "session.opened": N_("signed in"),
    "session.closed": N_("signed out"),
}

#: What a message of kind "system" tells of (its data's `event`), where the provider says no more itself.
NOTICES: Final = {
    "blocked": N_("this person blocked us: answers do not arrive"),
    "unblocked": N_("this person lets us write again"),
    "member": N_("the group took us in"),
    "administrator": N_("the group made us an administrator"),
    "left": N_("we are no longer in the group"),
    "kicked": N_("the group put us out"),
    "migrate_to_chat_id": N_("the group moved"),
    "migrate_from_chat_id": N_("the group moved here"),
    "new_chat_members": N_("somebody joined the group"),
    "left_chat_member": N_("somebody left the group"),
    "new_chat_title": N_("the group has another name"),
    "pinned_message": N_("a message was pinned"),
    "successful_payment": N_("a payment was made"),
    "refunded_payment": N_("a payment was returned"),
}

DELIVERIES: Final = {
    "done": NC_("delivery", "read"),
    "partial": NC_("delivery", "read in part"),
    "failed": NC_("delivery", "could not be read"),
}

#: Why a message was not delivered (`server.facts.REASONS`): what happened, and what the advisor can do.
REASONS: Final = {
    "window_closed": N_("{channel} did not accept the message: more than 24 h have passed. Send an approved template."),
    "undeliverable": N_("{channel} cannot deliver to this person. Try another way to reach them."),
    "pair_rate": N_("Too many messages to this person in a short time. Wait a minute and send it again."),
    "rate": N_("{channel} is holding our messages back: too many at once. Send it again in some minutes."),
    "token": N_("{channel} no longer accepts our access token. Tell an administrator to renew it."),
    "sign_in": N_("{channel} no longer lets us in. Tell an administrator to sign in to it again."),
    "permission": N_("{channel} does not let this account do that. Tell an administrator."),
    "recipient_unknown": N_("There is no address at which {channel} could reach this person."),
    "other_letters": N_("Not every mail server carries letters like ñ before the @. Ask for another address."),
    "template": N_("The template is missing, paused, or its parameters do not fit. Choose another one."),
    "media": N_("{channel} did not accept the file. Check its kind and its size."),
    "unsupported": N_("{channel} cannot send this kind of message. Send it as text."),
    "policy": N_("{channel} blocked the message because of its rules. Tell a supervisor."),
    "blocked": N_("This person blocked us on {channel}. Try another way to reach them."),
    "bounced": N_("The mail came back: that address does not take it. Check the address."),
    "mailbox_full": N_("The mail came back: their mailbox is full. Try another way to reach them."),
    "receive_only": N_("{channel} has no address to send answers to. Tell an administrator to set its url."),
    "conflict": N_("Another program takes the messages of {channel}. Stop it, or see agent-console channel test NAME."),
    "private_used": N_("A public comment can be answered in private only once, within 7 days. Answer it in public."),
    "opted_out": N_("This person asked not to receive these messages."),
    "experiment": N_("{channel} held the message back for an experiment of its own. Try again later."),
    "too_long": N_("The message is too long for {channel}. Shorten it or send it in parts."),
    "provider_down": N_("{channel} does not answer at the moment. Send it again later."),
    "channel_gone": N_("The channel was removed or switched off. Tell an administrator."),
    "customer_wrote": N_("The customer wrote before it was to leave. Read it again, and send it if it still fits."),
    "gave_up": N_("It could not be sent after many attempts. Send it again."),
    "other": N_("{channel} did not accept the message."),
}

#: Why the server gave no answer (`agent_console.backend.api.Unreachable.why`).
UNREACHABLE: Final = {
    "connect": N_("{server} does not answer. Check the address, and that the server runs."),
    "timeout": N_("{server} takes too long to answer. Try again in a moment."),
    "lost": N_("The connection to {server} broke. Look whether it was done, then try again."),
    "tls": N_("{server} has no valid certificate. Check the address, or tell an administrator."),
    "not_agent_console": N_("{server} answers, but is no agent-console server. Check the address."),
    "bad_address": N_("{server} is no address. It looks like https://host or http://127.0.0.1:8080"),
}

#: What became of a file that came with a message.
ATTACHMENTS: Final = {
    "pending": N_("being fetched"),
    "stored": N_("stored"),
    "failed": N_("could not be fetched"),
    "refused": N_("not accepted"),
}

#: What the server refuses (`server.wire.Problem.code`), with what to do. Values in braces come from its params.
PROBLEMS: Final = {
    **SERVICE_PROBLEMS,
    **RULE_PROBLEMS,
    **SLA_PROBLEMS,
    "unauthenticated": N_("The session has ended. Sign in again: agent-console login"),
    "bad_credentials": N_("The name or the password is not right."),
    "locked_out": N_("Too many attempts. Wait {retry_after} s before trying again."),
    "forbidden": N_("Your role does not allow this. Ask a supervisor or an administrator."),
    "not_found": N_("That does not exist here; it may have been removed."),
    "conversation_moved": N_(
        "{by} answered this conversation at {at}. Read the answer, then decide whether to send yours."
    ),
    "newer_conversation": N_("The customer already has a newer conversation, number {conversation}."),
    "already_assigned": N_("{by} already took this conversation."),
    "already_resolved": N_("The conversation is already resolved."),
    "not_resolved": N_("The conversation is not resolved."),
    "already_sent": N_("Too late: the message has already left."),
    "wrong_status": N_("That does not go with this message now: {status}."),
    "window_closed": N_("More than 24 h have passed since the customer last wrote. Send an approved template."),
    "private_used": N_("This comment was already answered in private, which is possible once. Answer it in public."),
    "private_late": N_("Too late for a private answer to this comment: 7 days have passed. Answer it in public."),
    "bad_address": N_("{address} is not an e-mail address."),
    "too_many_files": N_("This channel takes at most {limit} files in one message."),
    "channel_off": N_("The channel {channel} is switched off. Tell an administrator."),
    "too_long": N_("The text is too long: {length} of {limit} characters."),
    "empty": N_("There is nothing to send. Write something."),
    "file_kind": N_("This channel does not take such a file ({kind})."),
    "file_too_large": N_("The file is too large ({size}); the channel takes at most {limit} bytes."),
    "invalid": N_("The server did not accept this: {detail}"),
    "bad_tag": N_("{tag} cannot be a tag: one word of letters, digits, - . / or _, at most 40 characters."),
    "bad_send_at": N_("A message can leave at a moment in the future, at most 60 days ahead."),
    "bad_moment": N_("A conversation can be put aside until a moment in the future, at most 400 days ahead."),
    "bad_template": N_("The template cannot be kept like this."),
    "cannot_render": N_("The template does not work out here: {detail}"),
    "not_filled": N_("Not sent: nothing is known for {missing}. Fill it in."),
    "bad_query": N_("The search cannot be read."),
    "bad_settings": N_("These settings do not work: {detail}"),
    "sign_in_failed": N_("Signing in did not work: {detail}"),
    "unknown_kind": N_("There is no kind of channel {kind}; there are {kinds}."),
    "unknown_zone": N_("There is no time zone {zone}. They look like America/El_Salvador."),
    "unknown_country": N_("There is no country {country}. They are two letters, like SV or GT."),
    "same_contact": N_("These are the same contact already, number {contact}. Undo that merge instead."),
    "proven_same": N_("The channel itself says that they are one person, so they stay one contact."),
    "already_undone": N_("This merge was already undone at {at}."),
    "conversations_merged": N_(
        "Conversations {conversation} and {other}, one of each contact, are merged. Split them first."
    ),
    "merged": N_("This conversation is part of conversation {into} now. Go on there."),
    "not_merged": N_("Conversation {other} is not part of conversation {conversation}."),
    "different_contacts": N_("The conversations are of different contacts. Merge the contacts first."),
    "public_conversation": N_("What is said in public stays in its own conversation; it cannot be merged."),
    "team_has_work": N_("The team {team} still has open conversations. Assign them to another team first."),
    "last_admin": N_("This is the last administrator. Make another one first."),
    "already_set_up": N_("This data folder already has its administrator."),
    "not_stored": N_("This file is not here: {error}"),
    "key_reused": N_("The server has seen this command before, with other content. Do it again."),
    "name_taken": N_("The name {name} is already in use. Choose another one."),
    "weak_password": N_("The password needs at least {minimum} characters."),
    "too_large": N_("Too large: the server takes at most {limit} bytes."),
    "rate_limited": N_("Too many requests. Wait {retry_after} s and try again."),
    "method_not_allowed": N_("The server does not know this command. Is it older than this program?"),
    "timeout": N_("It took too long to reach the server. Try again."),
    "unavailable": N_("The server cannot do this now. Try again in a moment."),
    "internal": N_("Something went wrong in the server; its log says what. Try again."),
}

#: What is wrong with a search (`server.query.QueryError.code`; `why` in a bad_query problem).
QUERIES: Final = {
    "unknown_field": N_("There is no field {field}. There are: {known}."),
    "unknown_value": N_("{field} has no {value}. There are: {known}."),
    "no_value": N_("Something is missing after {field}:"),
    "bad_duration": N_("{value} is no length of time. They look like 10m, 2h or 1d12h."),
    "bad_date": N_("{value} is no day. They look like 2026-11-01, today, yesterday or 7d."),
    "bad_number": N_("{value} is no number."),
    "no_order": N_("{field} cannot be more or less than something; write {field}:"),
    "open_parenthesis": N_("A parenthesis is open; close it with )."),
    "lone_parenthesis": N_("There is a ) too many."),
    "nothing_after": N_("Something is missing beside {word}."),
    "too_many": N_("That is too much at once: {most} words or conditions at most."),
    "too_deep": N_("Too many parentheses in one another."),
}

#: What an address of a customer is (`server.wire.Identity.kind`); any other one is a number or name of the provider's.
ADDRESSES: Final = {
    "phone": NC_("address", "telephone"),
    "email": NC_("address", "e-mail"),
    "username": NC_("address", "user name"),
    "short_code": NC_("address", "short number"),
    "sender": NC_("address", "sender's name"),
    "visitor": NC_("address", "visitor of the web chat"),
    "group": NC_("address", "group"),
    "comment": NC_("address", "author of a comment"),
}

#: Why somebody is likely the same person (`server.wire.Likely.reason`).
LIKENESSES: Final = {
    "same_phone": N_("same telephone number"),
    "same_email": N_("same e-mail address"),
}

#: What was not found, where the server says so (`what` and `id` in a not_found problem).
NOT_FOUND: Final = {
    **PROTOCOL_NOT_FOUND,
    **SLA_NOT_FOUND,
    "conversation": N_("There is no conversation {id}."),
    "message": N_("There is no message {id}."),
    "attachment": N_("There is no file {id}."),
    "contact": N_("There is no contact {id}."),
    "merge": N_("This contact has no merge {id} that could be undone."),
    "user": N_("There is no user {id}."),
    "team": N_("There is no team {id}."),
    "reminder": N_("There is no reminder {id}."),
    "tag": N_("There is no tag {id}. A supervisor can add it: agent-console tag add {id}"),
    "view": N_("There is no view {id}."),
    "template": N_("There is no template {id}."),
    "channel": N_("There is no channel {id}."),
    "delivery": N_("There is no delivery {id}."),
    "hook": N_("There is no event webhook {id}."),
    "route": N_("There is no route {id}."),
    "campaign": N_("There is no campaign {id}. See agent-console campaign list"),
    "rule": N_("There is no rule {id}."),
    "review": N_("There is no review {id}."),
}
