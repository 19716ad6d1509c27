"""Messages to the customer that no person wrote: by a rule, outside the hours.

They are no answer: no clock stops, nobody's draft is out of date because of them, lists go on showing what the customer
said. They never go where a machine wrote last, so that two machines do not talk to each other for ever.
"""

from __future__ import annotations

from typing import Any

from server.commands import flow, shapes
from server.commands.door import Actor, Refusal
from server.commands.replies import check_window, queue
from server.store import channels, messages
from server.store.conversations import Conversation
from server.store.store import Tx

#: under this key the data of a message says that no person wrote it
AUTOMATIC = "automatic"


def say(tx: Tx, conv: Conversation, text: str, actor: Actor) -> int:
    """Queue a text to the customer, in `actor`'s name; the message's id.

    Refused where the channel is off or its reply window closed, the text does not fit, or a machine wrote last.
    """
    flow.not_merged(conv)
    channel = channels.get(tx, conv.channel_id)
    assert channel is not None
    if not channel["active"]:
        raise Refusal(409, "channel_off", channel=channel["name"])
    last = messages.last_inbound(tx, conv.id)
    if last is not None and f'"{AUTOMATIC}":true' in last["data"]:
        raise Refusal(409, "machine_wrote")
    check_window(tx, conv, channel, tx.now)
    can = shapes.capabilities(channel["kind"], conv.surface)
    if not text.strip():
        raise Refusal(422, "empty")
    if len(text) > can.text_limit:
        raise Refusal(422, "too_long", limit=can.text_limit, length=len(text))
    data: dict[str, Any] = {AUTOMATIC: True}
    id = queue(tx, flow.Place(conv), actor, "text", text, tx.now, data=data)
    tx.emit("message.queued", conv.id, message=id, kind="text", send_at=tx.now, automatic=True)
    return id
