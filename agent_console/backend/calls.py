"""Every call of the server's HTTP API, as data: what to send and what comes back.

A `Call` knows nothing of how it travels; `agent_console.backend.api` sends it. Calls that change something carry an
`Idempotency-Key` made when the call is made, so that sending the same `Call` twice changes things once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import msgspec

from server import wire

T = TypeVar("T")

JSON = "application/json"


class Call(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One request. `path` is below `wire.API`; `answer` is what the body is decoded to.

    `answer` is `bytes` for a raw body and `type(None)` when there is nothing to read. `key` is the Idempotency-Key
    of a call that changes something, empty for one that only reads (and may be repeated freely).
    """

    method: str
    path: str
    answer: type[T]
    params: Mapping[str, str] = {}
    body: bytes | None = None
    headers: Mapping[str, str] = {}
    key: str = ""


def new_key() -> str:
    """A fresh Idempotency-Key."""
    return os.urandom(16).hex()


def get(path: str, answer: type[T], **params: object) -> Call[T]:
    """A call that only reads; a parameter that is None or empty is left out."""
    given = {name: str(value) for name, value in params.items() if value is not None and value != ""}
    return Call(method="GET", path=path, answer=answer, params=given)


def send(method: str, path: str, answer: type[T], body: Any = None, key: str = "") -> Call[T]:
    """A call that changes something."""
    encoded = None if body is None else msgspec.json.encode(body)
    headers = {} if encoded is None else {"Content-Type": JSON}
    return Call(method=method, path=path, answer=answer, body=encoded, headers=headers, key=key or new_key())


def named(name: str) -> str:
    """A name as a part of a path."""
    return quote(name, safe="")


# ---------------------------------------------------------------- session


def sign_in(user: str, password: str, label: str = "") -> Call[wire.Session]:
    """Trade a password for a token. Not repeated by itself: a wrong password counts towards the lock-out."""
    body = msgspec.json.encode(wire.SignIn(user=user, password=password, label=label))
    return Call(method="POST", path="/sessions", answer=wire.Session, body=body, headers={"Content-Type": JSON})


def sign_out() -> Call[None]:
    return send("DELETE", "/sessions/current", type(None))


def me() -> Call[wire.User]:
    return get("/me", wire.User)


def organisation() -> Call[wire.Organisation]:
    return get("/organisation", wire.Organisation)


def change_organisation(change: wire.ChangeOrganisation) -> Call[wire.Organisation]:
    return send("PATCH", "/organisation", wire.Organisation, change)


def status() -> Call[wire.Checks]:
    return get("/status", wire.Checks)


# ---------------------------------------------------------------- conversations


def conversations(
    view: wire.View = "all",
    *,
    q: str | None = None,
    state: str | None = None,
    channel: str | None = None,
    assignee: str | None = None,
    team: str | None = None,
    after: str | None = None,
    before: str | None = None,
    limit: int | None = None,
) -> Call[wire.Page[wire.ConversationRow]]:
    """One page of a view. `after` and `before` are cursors of an earlier page (`next`, `previous`)."""
    return get(
        "/conversations",
        wire.Page[wire.ConversationRow],
        view=view,
        q=q,
        state=state,
        channel=channel,
        assignee=assignee,
        team=team,
        after=after,
        before=before,
        limit=limit,
    )


def counts() -> Call[wire.Counts]:
    return get("/conversations/counts", wire.Counts)


def conversation(conversation: int) -> Call[wire.Conversation]:
    return get(f"/conversations/{conversation}", wire.Conversation)


def messages(
    conversation: int, *, before: str | None = None, after: str | None = None, limit: int | None = None
) -> Call[wire.Page[wire.Message]]:
    """The newest messages, oldest first; `before` with the page's `next` gives older ones."""
    path = f"/conversations/{conversation}/messages"
    return get(path, wire.Page[wire.Message], before=before, after=after, limit=limit)


def history(conversation: int) -> Call[wire.Page[wire.PastConversation]]:
    return get(f"/conversations/{conversation}/history", wire.Page[wire.PastConversation])


def reply(conversation: int, reply: wire.Reply, key: str = "") -> Call[wire.Message]:
    return send("POST", f"/conversations/{conversation}/replies", wire.Message, reply, key)


def note(conversation: int, text: str, key: str = "") -> Call[wire.Message]:
    return send("POST", f"/conversations/{conversation}/notes", wire.Message, wire.Note(text=text), key)


def react(conversation: int, message: int, emoji: str, key: str = "") -> Call[wire.Message]:
    body = wire.Reaction(message=message, emoji=emoji)
    return send("POST", f"/conversations/{conversation}/reactions", wire.Message, body, key)


def moderate(conversation: int, message: int, act: str, key: str = "") -> Call[wire.Message]:
    """Hide a public message, show it again (`unhide`), or delete it."""
    body = msgspec.convert({"message": message, "act": act}, wire.Moderate)
    return send("POST", f"/conversations/{conversation}/moderate", wire.Message, body, key)


def claim(conversation: int, key: str = "") -> Call[wire.ConversationRow]:
    return send("POST", f"/conversations/{conversation}/claim", wire.ConversationRow, key=key)


def assign(
    conversation: int, *, user: str | None = None, team: str | None = None, key: str = ""
) -> Call[wire.ConversationRow]:
    body = wire.Assign(user=user, team=team)
    return send("POST", f"/conversations/{conversation}/assign", wire.ConversationRow, body, key)


def resolve(conversation: int, outcome: str = "", key: str = "") -> Call[wire.ConversationRow]:
    body = wire.Resolve(outcome=outcome)
    return send("POST", f"/conversations/{conversation}/resolve", wire.ConversationRow, body, key)


def reopen(conversation: int, key: str = "", *, undo: bool = False) -> Call[wire.ConversationRow]:
    """`undo`: take back that it was resolved."""
    call = send("POST", f"/conversations/{conversation}/reopen", wire.ConversationRow, key=key)
    return msgspec.structs.replace(call, params={"undo": "true"}) if undo else call


def merge_conversations(conversation: int, other: int, key: str = "") -> Call[wire.ConversationRow]:
    """`other`, of the same contact, becomes part of `conversation`."""
    body = wire.Other(other=other)
    return send("POST", f"/conversations/{conversation}/merge", wire.ConversationRow, body, key)


def split_conversation(conversation: int, other: int, key: str = "") -> Call[wire.ConversationRow]:
    """Undo that; the answer is `other`'s row."""
    body = wire.Other(other=other)
    return send("POST", f"/conversations/{conversation}/split", wire.ConversationRow, body, key)


def seen(conversation: int, inbound: int, key: str = "") -> Call[None]:
    return send("POST", f"/conversations/{conversation}/seen", type(None), wire.Seen(inbound=inbound), key)


def draft(conversation: int, text: str, key: str = "") -> Call[None]:
    return send("PUT", f"/conversations/{conversation}/draft", type(None), wire.Draft(text=text), key)


# ---------------------------------------------------------------- messages and files


def take_back(message: int, key: str = "") -> Call[wire.Message]:
    """Take a reply back while it is still held."""
    return send("POST", f"/messages/{message}/cancel", wire.Message, key=key)


def resend(message: int, key: str = "") -> Call[wire.Message]:
    return send("POST", f"/messages/{message}/resend", wire.Message, key=key)


def settle(message: int, decision: str, key: str = "") -> Call[wire.Message]:
    """Say what became of a message whose fate is unknown. `decision`: sent or resend."""
    body = msgspec.convert({"decision": decision}, wire.Settle)
    return send("POST", f"/messages/{message}/settle", wire.Message, body, key)


def drop(message: int, key: str = "") -> Call[wire.Message]:
    """Let a failed message be: it leaves the dead letters."""
    return send("POST", f"/messages/{message}/drop", wire.Message, key=key)


def outbox(
    state: wire.OutboxState = "failed",
    *,
    channel: str | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Call[wire.Page[wire.OutboxItem]]:
    """Messages that have not left, newest first."""
    return get("/outbox", wire.Page[wire.OutboxItem], state=state, channel=channel, after=after, limit=limit)


def resend_many(wanted: wire.ResendMany, key: str = "") -> Call[wire.Resent]:
    """Send a channel's failed messages again; go on with the answer's `next` as `after`."""
    return send("POST", "/outbox/resend", wire.Resent, wanted, key)


def upload(data: bytes, *, mime: str, file_name: str, key: str = "") -> Call[wire.Attachment]:
    """Upload a file to send later as a reply's attachment."""
    headers = {"Content-Type": mime or "application/octet-stream", "X-File-Name": quote(file_name, safe="")}
    return Call(
        method="POST",
        path="/attachments",
        answer=wire.Attachment,
        body=data,
        headers=headers,
        key=key or new_key(),
    )


def attachment(attachment: int) -> Call[bytes]:
    """The bytes of a stored file."""
    return get(f"/attachments/{attachment}", bytes)


# ---------------------------------------------------------------- contacts


def contacts(
    *, q: str | None = None, after: str | None = None, limit: int | None = None
) -> Call[wire.Page[wire.Contact]]:
    return get("/contacts", wire.Page[wire.Contact], q=q, after=after, limit=limit)


def contact(contact: int) -> Call[wire.Contact]:
    return get(f"/contacts/{contact}", wire.Contact)


def change_contact(contact: int, change: wire.ChangeContact, key: str = "") -> Call[wire.Contact]:
    return send("PATCH", f"/contacts/{contact}", wire.Contact, change, key)


def suggestions(contact: int) -> Call[wire.Page[wire.Likely]]:
    """Other contacts that are likely the same person."""
    return get(f"/contacts/{contact}/suggestions", wire.Page[wire.Likely])


def merge_contacts(contact: int, other: int, key: str = "") -> Call[wire.Contact]:
    """Both are one person: everything of `other` belongs to `contact` from now on."""
    return send("POST", f"/contacts/{contact}/merge", wire.Contact, wire.Other(other=other), key)


def unmerge_contacts(contact: int, merge: int, key: str = "") -> Call[wire.Contact]:
    """Undo a merge (`wire.Contact.merges` has its id); the answer is the contact that stands by itself again."""
    return send("POST", f"/contacts/{contact}/unmerge", wire.Contact, wire.Unmerge(merge=merge), key)


def reject_suggestion(contact: int, other: int, key: str = "") -> Call[None]:
    """They are different people: do not suggest it again."""
    return send("POST", f"/contacts/{contact}/different", type(None), wire.Other(other=other), key)


# ---------------------------------------------------------------- users, teams, channels


def users() -> Call[wire.Page[wire.User]]:
    return get("/users", wire.Page[wire.User])


def user(name: str) -> Call[wire.User]:
    return get(f"/users/{named(name)}", wire.User)


def add_user(user: wire.NewUser) -> Call[wire.User]:
    return send("POST", "/users", wire.User, user)


def change_user(name: str, change: wire.ChangeUser) -> Call[wire.User]:
    return send("PATCH", f"/users/{named(name)}", wire.User, change)


def remove_user(name: str) -> Call[None]:
    return send("DELETE", f"/users/{named(name)}", type(None))


def teams() -> Call[wire.Page[wire.Team]]:
    return get("/teams", wire.Page[wire.Team])


def add_team(team: wire.NewTeam) -> Call[wire.Team]:
    return send("POST", "/teams", wire.Team, team)


def change_team(name: str, change: wire.ChangeTeam) -> Call[wire.Team]:
    return send("PATCH", f"/teams/{named(name)}", wire.Team, change)


def remove_team(name: str) -> Call[None]:
    return send("DELETE", f"/teams/{named(name)}", type(None))


def channels() -> Call[wire.Page[wire.Channel]]:
    return get("/channels", wire.Page[wire.Channel])


def channel(name: str) -> Call[wire.Channel]:
    return get(f"/channels/{named(name)}", wire.Channel)


def add_channel(channel: wire.NewChannel) -> Call[wire.Channel]:
    return send("POST", "/channels", wire.Channel, channel)


def change_channel(name: str, change: wire.ChangeChannel) -> Call[wire.Channel]:
    return send("PATCH", f"/channels/{named(name)}", wire.Channel, change)


def remove_channel(name: str) -> Call[None]:
    return send("DELETE", f"/channels/{named(name)}", type(None))


def test_channel(name: str) -> Call[wire.Checks]:
    return send("POST", f"/channels/{named(name)}/test", wire.Checks)


def begin_browser_sign_in(name: str) -> Call[wire.BrowserSignIn]:
    return send("POST", f"/channels/{named(name)}/sign-in", wire.BrowserSignIn)


def end_browser_sign_in(name: str, answer: wire.BrowserAnswer) -> Call[wire.BrowserState]:
    return send("POST", f"/channels/{named(name)}/sign-in/answer", wire.BrowserState, answer)


def event_hooks() -> Call[wire.Page[wire.EventHook]]:
    return get("/event-hooks", wire.Page[wire.EventHook])


def event_hook(name: str) -> Call[wire.EventHook]:
    return get(f"/event-hooks/{named(name)}", wire.EventHook)


def add_event_hook(hook: wire.NewEventHook) -> Call[wire.EventHook]:
    return send("POST", "/event-hooks", wire.EventHook, hook)


def change_event_hook(name: str, change: wire.ChangeEventHook) -> Call[wire.EventHook]:
    return send("PATCH", f"/event-hooks/{named(name)}", wire.EventHook, change)


def remove_event_hook(name: str) -> Call[None]:
    return send("DELETE", f"/event-hooks/{named(name)}", type(None))


def test_event_hook(name: str) -> Call[wire.Checks]:
    return send("POST", f"/event-hooks/{named(name)}/test", wire.Checks)


# ---------------------------------------------------------------- journal and deliveries


def events(*, since: int = 0, conversation: int | None = None, limit: int | None = None) -> Call[wire.Page[wire.Event]]:
    """The journal after `since` (exclusive), oldest first."""
    return get("/events", wire.Page[wire.Event], since=since, conversation=conversation, limit=limit)


def deliveries(
    *, state: str | None = None, after: str | None = None, limit: int | None = None
) -> Call[wire.Page[wire.Delivery]]:
    return get("/deliveries", wire.Page[wire.Delivery], state=state, after=after, limit=limit)


def replay(delivery: int) -> Call[wire.Delivery]:
    """Read a kept delivery again, after a fix."""
    return send("POST", f"/deliveries/{delivery}/replay", wire.Delivery)
