"""From rows of the store to the shapes of the wire."""

from __future__ import annotations

from typing import Any, TypedDict

import msgspec
from msgspec import UNSET

from server.channels import registry
from server.desk import campaigns, window
from server.store import contacts, messages, people
from server.store.channels import settings as shown_settings
from server.store.store import Named, Row, Snapshot
from server.wire import (
    Attachment,
    Capabilities,
    Channel,
    Contact,
    ConversationRow,
    Event,
    Health,
    Identity,
    Message,
    Sla,
    Team,
    User,
)

_json = msgspec.json.Decoder().decode


class _Business(TypedDict):
    """What `commands.clocks` keeps of business time."""

    span_ms: int
    closed: list[tuple[int, int]]


_business = msgspec.json.Decoder(_Business).decode


def _data(text: str) -> dict[str, Any]:
    data: dict[str, Any] = _json(text) if text else {}
    return data


def row(r: Named, mine: bool = True) -> ConversationRow:
    """A line of the inbox; `mine` with what only its reader knows (how far they have read)."""
    sla = None
    if r["sla_target"] is not None and r["sla_due_at"] is not None:
        time = _business(r["sla_time"]) if r["sla_time"] else _Business(span_ms=0, closed=[])
        sla = Sla(
            target=r["sla_target"],
            started_at=r["sla_started_at"],
            warn_at=r["sla_warn_at"],
            due_at=r["sla_due_at"],
            paused_at=r["paused_at"],
            span_ms=time["span_ms"],
            closed=time["closed"],
        )
    return ConversationRow(
        id=r["id"],
        version=r["version"],
        state=r["state"],
        channel=r["channel"],
        channel_kind=r["channel_kind"],
        surface=r["surface"],
        contact=r["contact_id"],
        contact_name=r["contact_name"],
        subject=r["subject"],
        preview=r["preview"],
        preview_kind=r["preview_kind"],
        preview_direction=r["preview_direction"],
        preview_author=r["preview_author"],
        assignee=r["assignee"],
        team=r["team"],
        priority=r["priority"],
        region=r["region"],
        campaign=r["campaign_title"] or r["campaign_name"] or _referred(r["campaign"]),
        created_at=r["created_at"],
        last_at=r["last_at"],
        inbound=r["inbound"],
        seen=(r["seen"] or 0) if mine else UNSET,
        failed=bool(r["failed"]),
        sla=sla,
        waiting_since=r["waiting_since"],
        sort_key=r["sort_key"],
        tags=sorted(r["tags"].split("\x1f")) if r["tags"] else [],
        snoozed_until=r["snoozed_until"],
        window_until=window.until(r["window_ms"], r["window_from"]) if r["surface"] == "direct" else None,
        merged_into=r["merged_into"],
        stage=r["stage"],
        topic=r["topic"],
        complexity=r["complexity"],
        flag=r["flag"],
        flagged_at=r["flagged_at"],
        transfer=r["transfer_id"],
        remind_at=r["remind_at"],
        reviewing=r["reviewing"],
    )


def campaign(text: str) -> dict[str, Any]:
    return _data(text)


def _referred(text: str) -> str:
    return campaigns.title(campaign(text)) if text else ""


def message(r: Named, files: list[Row]) -> Message:
    return Message(
        id=r["id"],
        conversation=r["conversation_id"],
        channel=r["channel"] or "",
        direction=r["direction"],
        kind=r["kind"],
        text=r["text"],
        author=r["author"] or "",
        author_name=r["author_name"] or "",
        via=r["via"],
        at=r["at"],
        received_at=r["received_at"],
        status=r["status"],
        external_id=r["external_id"],
        reply_to=r["answered"],
        data=_data(r["data"]),
        attachments=[attachment(file) for file in files],
        reactions=_data(r["reactions"]),
        edited_at=r["edited_at"],
        revoked_at=r["revoked_at"],
        send_at=r["send_at"],
        failure=r["failure"],
        failure_detail=r["failure_detail"],
        version=r["version"],
    )


def message_list(read: Snapshot, rows: list[Named]) -> list[Message]:
    """Messages with their attachments, in the order of `rows`: one query for all files, none if there are none."""
    files: dict[int, list[Row]] = {}
    for file in messages.attachments(read, [r["id"] for r in rows if r["files"]]):
        files.setdefault(file["message_id"], []).append(file)
    return [message(r, files.get(r["id"], [])) for r in rows]


def one_message(read: Snapshot, id: int) -> Message:
    return message_list(read, messages.rows(read, [id]))[0]


def attachment(r: Row) -> Attachment:
    state = "pending" if r["state"] == "fetching" else r["state"]
    return Attachment(
        id=r["id"],
        kind=r["kind"],
        mime=r["mime"],
        file_name=r["file_name"],
        size=r["size"],
        state=state,
        error=r["error"],
        warning=r["warning"],
    )


def contact(r: Row, identities: list[Row]) -> Contact:
    return Contact(
        id=r["id"],
        name=r["name"],
        language=r["language"],
        region=r["region"],
        attributes=_data(r["attributes"]),
        identities=[Identity(channel=i["channel"], kind=i["kind"], value=i["value"]) for i in identities],
        created_at=r["created_at"],
    )


def contact_list(read: Snapshot, rows: list[Row]) -> list[Contact]:
    handles: dict[int, list[Row]] = {}
    for identity in contacts.identities(read, [r["id"] for r in rows]):
        handles.setdefault(identity["contact_id"], []).append(identity)
    return [contact(r, handles.get(r["id"], [])) for r in rows]


def user(r: Row) -> User:
    return User(
        id=r["id"],
        name=r["name"],
        display_name=r["display_name"],
        role=r["role"],
        language=r["language"],
        active=bool(r["active"]),
        teams=people.team_names(r),
        skills=r["skills"],
        capacity=r["capacity"],
    )


def team(r: Row) -> Team:
    return Team(
        id=r["id"],
        name=r["name"],
        members=sorted(r["members"].split("\x1f")) if r["members"] else [],
        assignment=r["assignment"],
        on_leave=r["on_leave"],
        leave_after_ms=r["leave_after_ms"],
        duty=r["duty"],
    )


def channel(r: Row, secrets: dict[str, str], team_name: str | None, health: Health) -> Channel:
    """A channel without its secrets: of each it only says whether it is set."""
    adapter = registry.adapter_class(r["kind"])
    settings = shown_settings(r)
    for option in adapter.options:
        if option.secret:
            settings[option.name] = "set" if secrets.get(option.name) else "missing"
    return Channel(
        id=r["id"],
        kind=r["kind"],
        name=r["name"],
        active=bool(r["active"]),
        team=team_name,
        settings=settings,
        capabilities=adapter.capabilities,
        health=health,
        hook=f"/hooks/{r['name']}",
        last_in_at=r["last_in_at"],
        last_out_at=r["last_out_at"],
        created_at=r["created_at"],
    )


def capabilities(kind: str, surface: str = "direct") -> Capabilities:
    """What can be done in conversations of this surface on channels of this kind."""
    return registry.adapter_class(kind).can(surface)


def event(r: Row) -> Event:
    return Event(
        seq=r["seq"],
        at=r["at"],
        kind=r["kind"],
        conversation=r["conversation_id"],
        actor=r["actor"],
        data=_data(r["data"]),
    )
