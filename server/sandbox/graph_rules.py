"""What the Graph stand-in takes and what it refuses, in the words and codes of the real one.

Written from the documented request rules and error codes, not from our own sender, so that the two check each other.
"""

from __future__ import annotations

from typing import Any

from server.sandbox.graph_state import Customer, State

#: HTTP status of an error code where it is not 400
STATUS = {0: 401, 2: 503, 3: 500, 10: 403, 104: 401, 190: 401, 200: 403, 368: 403, 130497: 403}
STATUS |= {131000: 500, 131005: 403, 131016: 500, 131031: 403, 131057: 500, 132001: 404, 133004: 503}

TITLES = {
    4: "Application request limit reached",
    190: "Invalid OAuth access token - Cannot parse access token",
    80007: "Rate limit hit",
    130429: "Rate limit hit",
    130472: "User's number is part of an experiment",
    131000: "Something went wrong",
    131005: "Access denied",
    131016: "Service unavailable",
    131026: "Message undeliverable",
    131031: "Account has been locked",
    131047: "Re-engagement message",
    131048: "Spam rate limit hit",
    131049: "This message was not delivered to maintain healthy ecosystem engagement.",
    131051: "Unsupported message type",
    131053: "Media upload error",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    132000: "Number of parameters does not match the expected number of params",
    132001: "Template name does not exist in the translation",
}

DETAILS = {
    131026: "Message Undeliverable.",
    131047: "Message failed to send because more than 24 hours have passed since the customer last replied to this "
    "number.",
    131056: "Message failed to send because there were too many messages sent from this phone number to the same phone "
    "number in a short period of time.",
}

KINDS = ("text", "image", "audio", "video", "document", "sticker", "template", "reaction", "location", "contacts")
FILES = {"image": "image/", "audio": "audio/", "video": "video/", "sticker": "image/webp", "document": ""}
LIMITS = {"image": 5 << 20, "audio": 16 << 20, "video": 16 << 20, "document": 100 << 20, "sticker": 500 << 10}


class GraphError(Exception):
    """An answer that is an error."""

    def __init__(self, code: int, message: str = "", *, status: int = 0, details: str = "", subcode: int = 0) -> None:
        self.code = code
        self.status = status or STATUS.get(code, 400)
        self.message = message or f"(#{code}) {TITLES.get(code, 'Something went wrong')}"
        self.details = details or DETAILS.get(code, "")
        self.subcode = subcode
        super().__init__(self.message)

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {"message": self.message, "type": "OAuthException", "code": self.code}
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        if self.subcode:
            error["error_subcode"] = self.subcode
        error["fbtrace_id"] = "AXsgnV2Cm3ZMGF3dF_cfYIn"
        return {"error": error}


def status_error(code: int) -> dict[str, Any]:
    """The element of `errors` in a failed status."""
    title = TITLES.get(code, "Something went wrong")
    return {
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": DETAILS.get(code, title)},
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    }


def need(condition: bool, message: str, code: int = 100) -> None:
    if not condition:
        raise GraphError(code, f"(#{code}) {message}")


def check_read(state: State, body: dict[str, Any]) -> Customer:
    """A request that marks a message read; returns whose message it is."""
    message_id = body.get("message_id")
    need(isinstance(message_id, str) and bool(message_id), "The parameter message_id is required.")
    need(message_id in state.inbound, "Parameter value is not valid: message_id", 131009)
    typing = body.get("typing_indicator")
    need(typing is None or typing == {"type": "text"}, "Param typing_indicator['type'] must be one of {TEXT}")
    return state.customers[state.inbound[str(message_id)]]


def recipient_of(state: State, body: dict[str, Any]) -> Customer:
    """Whom a message goes to; `to` wins over `recipient`."""
    whom = body.get("recipient_type", "individual")
    need(whom in ("individual", "group"), "Param recipient_type must be one of {INDIVIDUAL, GROUP}")
    to, user = body.get("to"), body.get("recipient")
    if to is not None:
        need(isinstance(to, str) and bool(to), "The parameter to is required.")
        number = str(to)
        if whom == "group":  # a group is a customer of its own here, whose window is open
            return state.customer(phone=number, open_window=True)
        number = "".join(c for c in number if c.isdigit())
        need(5 <= len(number) <= 20, "Parameter value is not valid: to", 131009)
        return state.find(number) or state.customer(phone=number)
    need(isinstance(user, str) and bool(user), "The parameter to is required.")
    found = state.find(str(user))
    if found is None:
        raise GraphError(131026)
    return found


def check_message(state: State, body: dict[str, Any]) -> tuple[Customer, str]:
    """Is this a message the real one would take? Returns whom it is for and its type."""
    need(body.get("messaging_product") == "whatsapp", "The parameter messaging_product is required.")
    kind = body.get("type", "text")
    need(kind in KINDS, f"Param type must be one of {{{', '.join(KINDS).upper()}}} - got {kind!r}.")
    customer = recipient_of(state, body)
    part = body.get(kind)
    need(part is not None, f"The parameter {kind} is required.", 131008)
    if kind != "contacts":
        need(isinstance(part, dict), f"Param {kind} must be a JSON object.")
        _check_part(state, kind, part)  # type: ignore[arg-type]
    ref = body.get("biz_opaque_callback_data", "")
    need(isinstance(ref, str) and len(ref) <= 512, "Param biz_opaque_callback_data must be at most 512 characters.")
    context = body.get("context")
    if context is not None:
        need(isinstance(context, dict), "Param context must be a JSON object.")
        message_id = context.get("message_id")
        need(isinstance(message_id, str) and bool(message_id), "Param context['message_id'] is required.")
    return customer, str(kind)


def _check_part(state: State, kind: str, part: dict[str, Any]) -> None:
    if kind == "text":
        text = part.get("body")
        need(isinstance(text, str) and bool(text.strip()), "The parameter text['body'] is required.")
        need(len(str(text)) <= 4096, "Param text['body'] must be at most 4096 characters long.")
        need(isinstance(part.get("preview_url", False), bool), "Param text['preview_url'] must be a boolean.")
    elif kind == "reaction":
        target = part.get("message_id")
        need(target in state.message_ids or target in state.inbound, "Parameter value is not valid: message_id", 131009)
        need(isinstance(part.get("emoji"), str), "The parameter reaction['emoji'] is required.")
    elif kind == "template":
        _check_template(state, part)
    elif kind in FILES:
        _check_file(state, kind, part)


def _check_template(state: State, part: dict[str, Any]) -> None:
    name, language = part.get("name"), part.get("language")
    code = language.get("code") if isinstance(language, dict) else None
    need(isinstance(name, str) and bool(name), "The parameter template['name'] is required.")
    need(isinstance(code, str) and bool(code), "The parameter template['language'] is required.")
    expected = state.templates.get((str(name), str(code)))
    if expected is None:
        raise GraphError(132001, details=f"template name ({name}) does not exist in {code}")
    given = 0
    for component in part.get("components") or []:
        need(isinstance(component, dict), "Param template['components'] must be an array of objects.")
        if component.get("type") == "body":
            parameters = component.get("parameters") or []
            for parameter in parameters:
                need(parameter.get("type") == "text" and isinstance(parameter.get("text"), str), "Invalid parameter.")
            given += len(parameters)
    if given != expected:
        raise GraphError(132000, details=f"body: number of localizable_params ({given}) does not match {expected}")


def _check_file(state: State, kind: str, part: dict[str, Any]) -> None:
    media_id, link = part.get("id"), part.get("link")
    need((media_id is None) != (link is None), f"Param {kind} must have exactly one of id and link.")
    if media_id is not None:
        stored = state.media.get(str(media_id))
        if stored is None:
            words = f"Param {kind}['id'] is not a valid whatsapp business account media attachment ID"
            raise GraphError(100, f"(#100) {words}")
        need(stored.mime.startswith(FILES[kind]), f"Unsupported {kind} mime type {stored.mime}.", 131053)
        need(len(stored.data) <= LIMITS[kind], f"{kind} file is too big.", 131053)
    caption = part.get("caption")
    if caption is not None:
        need(kind not in ("audio", "sticker"), f'Unexpected key "caption" on param "{kind}".')
        need(isinstance(caption, str), f"Param {kind}['caption'] must be a string.")
        need(len(str(caption)) <= 1024, f"Param {kind}['caption'] must be at most 1024 characters long.")


def check_limits(state: State, customer: Customer) -> None:
    """The number's throughput and the pair's; raises 130429 or 131056."""
    if not state.take_second():
        raise GraphError(130429, details="Cloud API message throughput has been reached.")
    if not state.take_pair_token(customer):
        raise GraphError(131056)


def window_open(state: State, customer: Customer) -> bool:
    last = customer.last_inbound_at
    return last is not None and state.clock() - last < state.settings.window_ms


def fate(state: State, customer: Customer, kind: str) -> int:
    """The error code with which an accepted message will fail; 0 if it arrives."""
    if not customer.reachable:
        return 131026
    if kind != "template" and not window_open(state, customer):
        if state.settings.window_error == "answer":
            raise GraphError(131047)
        return 131047
    return 0


def readable(kind: str, body: dict[str, Any]) -> str:
    """What a customer reads of a message."""
    part = body.get(kind)
    if not isinstance(part, dict):
        return ""
    if kind == "template":
        texts = [p.get("text", "") for c in part.get("components") or [] for p in c.get("parameters") or []]
        return " ".join([str(part.get("name", "")), *map(str, texts)])
    for key in ("body", "caption", "emoji", "name", "filename"):
        if isinstance(part.get(key), str):
            return str(part[key])
    return ""
