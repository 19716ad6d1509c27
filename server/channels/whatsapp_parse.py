"""WhatsApp webhook documents to facts. Total: whatever the bytes are, the answer is a list of facts.

Every entry × change × (message, echo, status, id update, error) becomes facts on its own; a bad one becomes an
`Unreadable` and takes nothing else with it. Sources: developers.facebook.com/documentation/business-messaging/whatsapp
(webhooks reference, business-scoped user ids, changelog of 11 August 2026).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from server.channels.foreign import (
    NAME_LIMIT,
    Malformed,
    decode,
    identifier,
    items,
    mapping,
    moment,
    need_id,
    scalar,
    string,
    trim,
)
from server.channels.whatsapp_content import read, word_of
from server.channels.whatsapp_errors import failure_of
from server.channels.whatsapp_people import Value, addresses_of, party_of, phone_of, thread_of
from server.facts import (
    AddressChangeFact,
    EditFact,
    Fact,
    Failure,
    MessageFact,
    NoticeFact,
    Party,
    ReactionFact,
    RevokeFact,
    StatusFact,
    Unreadable,
)

_BSUID = re.compile(r"\b[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}\b")

#: what an echo's `via` says: it was written in the WhatsApp Business app on a phone
PHONE_APP = "whatsapp_app"

# ---------------------------------------------------------------- messages and echoes


def _message(ctx: Value, item: dict[str, Any]) -> list[Fact]:
    word = word_of(item)
    if word == "system" and isinstance(item.get("system"), dict):
        return _system(ctx, item)
    party = party_of(ctx, item.get("from"), item.get("from_user_id"), item.get("from_parent_user_id"))
    return [_written(ctx, item, word, party, echo=False)]


def _echo(ctx: Value, item: dict[str, Any]) -> list[Fact]:
    party = party_of(ctx, item.get("to"), item.get("to_user_id"), item.get("to_parent_user_id"))
    return [_written(ctx, item, word_of(item), party, echo=True)]


def _written(ctx: Value, item: dict[str, Any], word: str, party: Party, *, echo: bool) -> Fact:
    external_id, at = need_id(item), ctx.at(item)
    if word == "reaction":
        reaction = mapping(item, "reaction")
        return ReactionFact(
            external_id=external_id,
            party=party,
            at=at,
            target=need_id(reaction, "message_id"),
            emoji=string(reaction.get("emoji"), 64),
            thread=thread_of(item),
            echo=echo,
            account=ctx.account,
        )
    if word == "edit":
        edit = mapping(item, "edit")
        inner = mapping(edit, "message")
        return EditFact(
            external_id=external_id,
            party=party,
            at=at,
            target=need_id(edit, "original_message_id"),
            text=read(inner, word_of(inner)).text,
            account=ctx.account,
        )
    if word == "revoke":
        target = need_id(mapping(item, "revoke"), "original_message_id")
        return RevokeFact(external_id=external_id, party=party, at=at, target=target, account=ctx.account)
    return _content(ctx, item, word, party, external_id, at, echo)


def _content(
    ctx: Value, item: dict[str, Any], word: str, party: Party, external_id: str, at: int, echo: bool
) -> MessageFact:
    kind, text, data, media = read(item, word)
    reply_to, more = _context(item)
    if "errors" in item:
        more["errors"] = [trim(error) for error in items(item["errors"])[:5]]
    if ctx.standby:
        more["standby"] = True
    return MessageFact(
        external_id=external_id,
        party=party,
        at=at,
        kind=kind,
        text=text,
        data={**data, **more},
        media=media,
        reply_to=reply_to if reply_to != external_id else "",
        thread=thread_of(item) if "group_id" in item else "",
        shared="group_id" in item,
        campaign=_campaign(item.get("referral")) if "referral" in item else None,
        echo=echo,
        via=PHONE_APP if echo else "",
        account=ctx.account,
    )


def _context(item: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The id of the message it answers, and what else its context says."""
    context = item.get("context")
    if not isinstance(context, dict):
        return "", {}
    more: dict[str, Any] = {}
    for flag in ("forwarded", "frequently_forwarded"):
        if context.get(flag) is True:
            more[flag] = True
    if isinstance(context.get("referred_product"), dict):
        more["product"] = trim(context["referred_product"])
    return identifier(context.get("id")), more


def _campaign(referral: object) -> dict[str, Any] | None:
    """The ad or post they came from, as it came."""
    return trim(referral, depth=4) if isinstance(referral, dict) and referral else None


# ---------------------------------------------------------------- changes of number and id


def _system(ctx: Value, item: dict[str, Any]) -> list[Fact]:
    """A system message: the change of address it tells of, if it does, and the line to show in the conversation."""
    external_id, at = need_id(item), ctx.at(item)
    part = mapping(item, "system")
    user_id, parent_id = scalar(part.get("user_id")), scalar(part.get("parent_user_id"))
    current = addresses_of(
        ("phone", phone_of(part.get("new_wa_id")) or phone_of(part.get("wa_id"))),
        ("bsuid", user_id),
        ("parent_bsuid", parent_id),
    )
    before = [("phone", phone_of(item.get("from"))), ("phone", phone_of(part.get("customer")))]
    before += [("bsuid", scalar(part.get("previous_user_id")) or scalar(item.get("from_user_id")))]
    before += [("parent_bsuid", scalar(part.get("previous_parent_user_id")))]
    if user_id and not scalar(part.get("previous_user_id")):
        # Until August 2026 the old id stood only in the sentence.
        named = _BSUID.findall(string(part.get("body"), 2048))
        before += [("parent_bsuid" if ".ENT." in found else "bsuid", found) for found in named[:2]]
    previous = tuple(address for address in addresses_of(*before) if address not in current)
    facts: list[Fact] = []
    if current and previous:
        facts.append(
            AddressChangeFact(external_id=external_id, previous=previous, current=current, at=at, account=ctx.account)
        )
    if current:
        party = Party(addresses=current)
    else:
        party = party_of(ctx, item.get("from"), item.get("from_user_id"), item.get("from_parent_user_id"))
    return [*facts, _content(ctx, item, "system", party, external_id, at, False)]


def _id_update(ctx: Value, item: dict[str, Any]) -> list[Fact]:
    """One `user_id_update`: a person has a new business-scoped id (they changed their number)."""
    before, after = [("phone", phone_of(item.get("wa_id")))], [("phone", phone_of(item.get("wa_id")))]
    for key, kind in (("user_id", "bsuid"), ("parent_user_id", "parent_bsuid")):
        change = item.get(key)
        if isinstance(change, dict):
            before.append((kind, scalar(change.get("previous"))))
            after.append((kind, scalar(change.get("current"))))
    previous, current = addresses_of(*before), addresses_of(*after)
    if not previous or not current:
        raise Malformed("no previous or no current id")
    at = ctx.at(item)
    contact = ctx.contact(after[0][1], "", "")
    profile = contact.get("profile") if contact else None
    name = string(profile.get("name"), NAME_LIMIT) if isinstance(profile, dict) else ""
    # The provider gives these no id: the same update always gets the same one.
    stamp = scalar(item.get("timestamp"))
    external_id = identifier("user_id_update:" + "|".join([stamp, *(a.value for a in (*previous, *current))]))
    return [
        AddressChangeFact(
            external_id=external_id,
            previous=previous,
            current=current,
            at=at,
            name=name,
            account=ctx.account,
        )
    ]


# ---------------------------------------------------------------- statuses and errors


def _status(ctx: Value, item: dict[str, Any]) -> list[Fact]:
    external_id = need_id(item)
    status = string(item.get("status"), 64).strip().lower()
    if not status:
        raise Malformed("'status' is missing")
    errors = item.get("errors")
    failure: Failure | None = None
    if isinstance(errors, list) and errors:
        failure = failure_of(errors[0])
    elif status == "failed":
        failure = Failure(reason="other")
    return [
        StatusFact(
            external_id=external_id,
            status=status,
            at=ctx.at(item),
            failure=failure,
            client_ref=string(item.get("biz_opaque_callback_data"), 512),
            party=_recipient(ctx, item),
            account=ctx.account,
        )
    ]


def _recipient(ctx: Value, item: dict[str, Any]) -> Party | None:
    """Whom the status is about. Of a group it names the group, then only the participant is a person."""
    phone = scalar(item.get("recipient_id"))
    prefix = "recipient_"
    if item.get("recipient_type") == "group" or phone.endswith("@g.us"):
        prefix, phone = "recipient_participant_", scalar(item.get("recipient_participant_id"))
    parent = item.get(f"{prefix}parent_user_id") or item.get("parent_recipient_user_id")
    try:
        return party_of(ctx, phone, item.get(f"{prefix}user_id"), parent)
    except Malformed:
        return None


def _error(ctx: Value, item: dict[str, Any]) -> list[Fact]:
    return [NoticeFact(kind="errors", at=ctx.received_at, data={"errors": [trim(item)]}, account=ctx.account)]


# ---------------------------------------------------------------- the document

_Reader = Callable[[Value, dict[str, Any]], list[Fact]]

_WRITTEN: tuple[tuple[str, _Reader], ...] = (("messages", _message), ("message_echoes", _echo))
_OF_MESSAGES: tuple[tuple[str, _Reader], ...] = (*_WRITTEN, ("statuses", _status), ("errors", _error))

#: what stands in a field's value. Elsewhere (`calls` has statuses of calls, `history` old messages) it is a notice.
_FIELDS: dict[str, tuple[tuple[str, _Reader], ...]] = {
    "": _OF_MESSAGES,
    "messages": _OF_MESSAGES,
    "standby": _OF_MESSAGES,
    "smb_message_echoes": _OF_MESSAGES,
    "message_echoes": _OF_MESSAGES,
    "user_id_update": (("user_id_update", _id_update),),
    "calls": (),
    "history": (),
}


def parse(body: bytes, received_at: int) -> list[Fact]:
    """The facts in one webhook call, in its order. `received_at`: UTC ms, stands in for a missing time."""
    try:
        document = decode(body)
    except (ValueError, RecursionError) as error:
        return [Unreadable(where="body", why=f"not JSON: {str(error)[:200]}")]
    if not isinstance(document, dict):
        return [Unreadable(where="body", why="not an object")]
    entries = document.get("entry")
    if not isinstance(entries, list):
        return [Unreadable(where="entry", why="missing or not a list")]
    facts: list[Fact] = []
    for i, entry in enumerate(entries):
        changes = entry.get("changes") if isinstance(entry, dict) else None
        if not isinstance(changes, list):
            facts.append(Unreadable(where=f"entry[{i}].changes", why="missing or not a list"))
            continue
        for j, change in enumerate(changes):
            where = f"entry[{i}].changes[{j}]"
            value = change.get("value") if isinstance(change, dict) else None
            if not isinstance(value, dict):
                facts.append(Unreadable(where=f"{where}.value", why="missing or not an object"))
                continue
            _change(facts, where, entry, string(change.get("field"), 64), value, received_at)
    return facts


def _change(
    facts: list[Fact], where: str, entry: dict[str, Any], field: str, value: dict[str, Any], received_at: int
) -> None:
    ctx = Value(value, field, received_at)
    read_any = False
    for key, reader in _FIELDS.get(field, _WRITTEN):
        found = value.get(key)
        if found is None:
            continue
        if key == "user_id_update" and isinstance(found, dict):
            found = [found]
        read_any = True
        if not isinstance(found, list):
            facts.append(Unreadable(where=f"{where}.value.{key}", why="not a list", account=ctx.account))
            continue
        for n, item in enumerate(found):
            try:
                if not isinstance(item, dict):
                    raise Malformed("not an object")
                facts.extend(reader(ctx, item))
            except Malformed as error:
                facts.append(_unreadable(f"{where}.value.{key}[{n}]", str(error), ctx))
            except Exception as error:  # one bad item never takes its batch with it
                facts.append(_unreadable(f"{where}.value.{key}[{n}]", f"{type(error).__name__}: {error}", ctx))
    if not read_any:
        when = moment(value.get("timestamp"), moment(entry.get("time"), received_at))
        room = [2000]
        data = trim(value, budget=room)
        if room[0] <= 0:
            data["truncated"] = True  # the raw call has the rest
        facts.append(NoticeFact(kind=field or "unknown", at=when, data=data, account=ctx.account))


def _unreadable(where: str, why: str, ctx: Value) -> Unreadable:
    return Unreadable(where=where, why=string(why, 300), account=ctx.account)
