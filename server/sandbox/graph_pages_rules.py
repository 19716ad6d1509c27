"""What the stand-in for a Page or an Instagram account takes and refuses, in the words and codes of the real one.

Written from the documented request rules and error codes, not from our own sender, so that the two check each other.
"""

from __future__ import annotations

from typing import Any

from server.sandbox.graph_pages_state import Comment, Person, State
from server.sandbox.graph_rules import GraphError, need

ATTACHMENTS = ("image", "video", "audio", "file")
_ACTIONS = ("typing_on", "typing_off", "mark_seen", "react", "unreact")
_MB = 1 << 20
LIMITS = {"messenger": dict.fromkeys(ATTACHMENTS, 25 * _MB), "instagram": dict.fromkeys(ATTACHMENTS, 25 * _MB)}
LIMITS["instagram"]["image"] = 8 * _MB
_FIELDS = {"recipient", "message", "messaging_type", "tag", "reply_to", "sender_action", "payload"}

#: what outside the window is called
_OUTSIDE = {"messenger": 2018278, "instagram": 2534022}
_NOBODY = {"messenger": 2018001, "instagram": 2534014}
_USED = {"messenger": (10900, 0, "Activity already replied to"), "instagram": (100, 2534025, "Invalid comment ID")}


def missing(node: str, method: str = "get") -> GraphError:
    """There is no such object."""
    words = f"Unsupported {method} request. Object with ID '{node}' does not exist, cannot be loaded due to missing "
    return GraphError(100, words + "permissions, or does not support this operation", subcode=33)


def check_recipient(state: State, body: dict[str, Any]) -> tuple[Person, Comment | None]:
    """Who a message goes to, and the public one that it answers in private."""
    extra = sorted(set(body) - _FIELDS)
    need(not extra, f'Unexpected key "{extra[0] if extra else ""}" on param "{{request}}".')
    whom = body.get("recipient")
    need(isinstance(whom, dict) and len(whom) == 1, "The parameter recipient is required")
    assert isinstance(whom, dict)
    if (id := whom.get("id")) is not None:
        person = state.people.get(str(id))
        if person is None:
            raise GraphError(100, "(#100) No matching user found", subcode=_NOBODY[state.settings.kind])
        return person, None
    key, id = next(iter(whom.items()))
    need(key in ("comment_id", "post_id"), f"Unexpected key {key!r} on param recipient")
    comment = state.comments.get(str(id))
    if comment is None or comment.deleted or comment.author == state.settings.account_id:
        raise missing(str(id), "post")
    need((key == "post_id") == (comment.id == comment.post), f"{key} is not the id of such an object")
    if comment.private:
        code, subcode, words = _USED[state.settings.kind]
        raise GraphError(code, f"(#{code}) {words}", subcode=subcode)
    if state.clock() - comment.at > state.settings.private_ms:
        raise GraphError(10903, "(#10903) This user cant reply to this activity")
    return state.person(comment.author), comment


def check_window(state: State, person: Person, body: dict[str, Any]) -> None:
    """Error 10 if they wrote too long ago for this kind of message."""
    settings = state.settings
    kind = body.get("messaging_type", "RESPONSE")
    need(kind in ("RESPONSE", "UPDATE", "MESSAGE_TAG"), "Param messaging_type must be one of {RESPONSE, UPDATE, …}")
    tag = body.get("tag")
    need((kind == "MESSAGE_TAG") == (tag is not None), "The parameter tag is required with MESSAGE_TAG only")
    allowed = settings.window_ms
    if kind == "MESSAGE_TAG":
        need(tag == "HUMAN_AGENT", "(#100) Param tag must be one of {HUMAN_AGENT}")
        if not settings.human_agent:
            raise GraphError(10, "(#10) Application does not have permission for this action", status=403)
        allowed = settings.human_ms
    last = person.last_inbound_at
    if last is None or state.clock() - last >= allowed:
        words = "(#10) This message is sent outside of allowed window."
        raise GraphError(10, words, status=403, subcode=_OUTSIDE[settings.kind])


def check_content(state: State, body: dict[str, Any]) -> tuple[str, str]:
    """(kind, readable text) of a message's content."""
    message = body.get("message")
    need(isinstance(message, dict), "The parameter message is required")
    assert isinstance(message, dict)
    extra = sorted(set(message) - {"text", "attachment", "metadata"})
    need(not extra, f'Unexpected key "{extra[0] if extra else ""}" on param "message".')
    metadata = message.get("metadata", "")
    need(isinstance(metadata, str) and len(metadata) <= 1000, "Length of param message[metadata] must be at most 1000")
    text, attachment = message.get("text"), message.get("attachment")
    need((text is None) != (attachment is None), "Must send exactly one of text and attachment")
    _check_reply(state, body)
    if text is not None:
        need(isinstance(text, str) and bool(text.strip()), "The parameter message[text] is required")
        if state.settings.kind == "instagram":
            need(len(str(text).encode()) <= 1000, "Length of param message[text] must be less than or equal to 1000")
        need(len(str(text)) <= 2000, "Length of param message[text] must be less than or equal to 2000")
        return "text", str(text)
    need(isinstance(attachment, dict), "Param message[attachment] must be an object")
    assert isinstance(attachment, dict)
    kind, payload = attachment.get("type"), attachment.get("payload")
    need(kind in ATTACHMENTS, "The parameter message[attachment][type] is required")
    need(isinstance(payload, dict), "The parameter message[attachment][payload] is required")
    assert isinstance(payload, dict)
    stored = state.media.get(str(payload.get("attachment_id")))
    if stored is None:
        raise GraphError(100, "(#100) Attachment id is not valid", subcode=2018074)
    return str(kind), stored.name


def _check_reply(state: State, body: dict[str, Any]) -> None:
    reply = body.get("reply_to")
    if reply is not None:
        need(isinstance(reply, dict) and set(reply) == {"mid"}, "Param reply_to must be an object with a mid")
        need(reply["mid"] in state.messages, "Param reply_to[mid] is not a message of this conversation")


def check_action(state: State, person: Person, body: dict[str, Any]) -> str:
    """A sender action; its name."""
    action = body["sender_action"]
    need(action in _ACTIONS, f"Param sender_action must be one of {{{', '.join(_ACTIONS)}}}")
    need("message" not in body, "Cannot send both message and sender_action")
    if action in ("react", "unreact"):
        payload = body.get("payload")
        need(isinstance(payload, dict), "The parameter payload is required")
        assert isinstance(payload, dict)
        need(state.messages.get(str(payload.get("message_id"))) == person.id, "Param payload[message_id] is not valid")
        need(("reaction" in payload) == (action == "react"), "Param payload[reaction] belongs to react")
    return str(action)


def check_limits(state: State) -> None:
    """The account's rate; raises 613."""
    if not state.take_second():
        raise GraphError(613, "(#613) Calls to this API have exceeded the rate limit.")


def check_upload(state: State, kind: object, size: int) -> None:
    """Whether a file of that kind and size may be uploaded."""
    need(kind in ATTACHMENTS, "The parameter message[attachment][type] is required")
    if size > LIMITS[state.settings.kind][str(kind)]:
        raise GraphError(100, "(#100) Attachment size exceeds allowable limit", subcode=2018109)


def check_public(state: State, target: str, text: object, file: bool) -> Comment:
    """The public message that one answers."""
    comment = state.comments.get(target)
    if comment is None or comment.deleted:
        raise missing(target, "post")
    limit = 8000 if state.settings.kind == "messenger" else 300
    need(file or (isinstance(text, str) and bool(text.strip())), "(#100) The parameter message is required")
    need(isinstance(text, str) and len(text) <= limit, f"Length of param message must be at most {limit} characters")
    need(not file or state.settings.kind == "messenger", "(#100) Param source is not supported")
    return comment
