"""Messages to the customer that no person wrote: by a rule, outside the hours.

They are no answer: no clock stops, nobody's draft is out of date because of them, lists go on showing what the customer
said. They never go where a machine wrote last, so that two machines do not talk to each other for ever.
"""

from __future__ import annotations

from collections.abc import Sequence

from server.commands import flow, shapes
from server.commands.door import Actor, Refusal
from server.commands.replies import check_files, check_window, queue
from server.store import channels, messages
from server.store.conversations import Conversation
from server.store.store import Row, Tx

#: under this key the data of a message says that no person wrote it
AUTOMATIC = "automatic"


def say(tx: Tx, conv: Conversation, text: str, actor: Actor, files: Sequence[Row] = ()) -> int:
    """Queue a text to the customer, in `actor`'s name, with copies of these stored files; the message's id.

    Refused where the channel is off or its reply window closed, the text or a file does not fit, or a machine wrote
    last.
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
    if files:
        check_files(can, files, text)
    elif not text.strip():
        raise Refusal(422, "empty")
    elif len(text) > can.text_limit:
        raise Refusal(422, "too_long", limit=can.text_limit, length=len(text))
    kind, data = files[0]["kind"] if files else "text", {AUTOMATIC: True}
    id = queue(tx, flow.Place(conv), actor, kind, text, tx.now, data=data, files=len(files))
    for file in files:
        messages.carry(tx, file, id, conv.channel_id)
    tx.emit("message.queued", conv.id, message=id, kind=kind, send_at=tx.now, automatic=True)
    return id
