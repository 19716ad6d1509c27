"""Calls of the HTTP API with which advisors keep their work in order; see `agent_console.backend.calls`."""

from __future__ import annotations

from agent_console.backend.calls import Call, get, named, send
from server import wire


def tag(conversation: int, add: list[str], remove: list[str], key: str = "") -> Call[wire.ConversationRow]:
    body = wire.ChangeTags(add=add, remove=remove)
    return send("POST", f"/conversations/{conversation}/tags", wire.ConversationRow, body, key)


def priority(conversation: int, priority: wire.Priority, key: str = "") -> Call[wire.ConversationRow]:
    body = wire.ChangePriority(priority=priority)
    return send("POST", f"/conversations/{conversation}/priority", wire.ConversationRow, body, key)


def snooze(conversation: int, until: int | None, key: str = "") -> Call[wire.ConversationRow]:
    """Put aside until a moment (UTC ms); None takes it up again."""
    body = wire.Snooze(until=until)
    return send("POST", f"/conversations/{conversation}/snooze", wire.ConversationRow, body, key)


def follow(conversation: int, on: bool, key: str = "") -> Call[None]:
    return send("POST", f"/conversations/{conversation}/follow", type(None), wire.Follow(on=on), key)


def tags() -> Call[wire.Page[wire.Tag]]:
    return get("/tags", wire.Page[wire.Tag])


def add_tag(name: str) -> Call[wire.Tag]:
    return send("POST", "/tags", wire.Tag, wire.NewTag(name=name))


def rename_tag(name: str, new_name: str) -> Call[wire.Tag]:
    return send("PATCH", f"/tags/{named(name)}", wire.Tag, wire.NewTag(name=new_name))


def remove_tag(name: str) -> Call[None]:
    return send("DELETE", f"/tags/{named(name)}", type(None))


def views() -> Call[wire.Page[wire.SavedView]]:
    return get("/views", wire.Page[wire.SavedView])


def add_view(view: wire.NewView) -> Call[wire.SavedView]:
    return send("POST", "/views", wire.SavedView, view)


def change_view(id: int, body: wire.ChangeView) -> Call[wire.SavedView]:
    return send("PATCH", f"/views/{id}", wire.SavedView, body)


def remove_view(id: int) -> Call[None]:
    return send("DELETE", f"/views/{id}", type(None))


# ---------------------------------------------------------------- reply templates


def templates() -> Call[wire.Page[wire.ReplyTemplate]]:
    return get("/templates", wire.Page[wire.ReplyTemplate])


def approved_templates(channel: str | None = None) -> Call[wire.Page[wire.ApprovedTemplate]]:
    return get("/templates/approved", wire.Page[wire.ApprovedTemplate], channel=channel)


def add_template(template: wire.NewTemplate) -> Call[wire.ReplyTemplate]:
    return send("POST", "/templates", wire.ReplyTemplate, template)


def replace_template(id: int, template: wire.NewTemplate) -> Call[wire.ReplyTemplate]:
    return send("PUT", f"/templates/{id}", wire.ReplyTemplate, template)


def remove_template(id: int) -> Call[None]:
    return send("DELETE", f"/templates/{id}", type(None))


def set_template_files(id: int, files: list[int]) -> Call[wire.ReplyTemplate]:
    return send("PUT", f"/templates/{id}/files", wire.ReplyTemplate, wire.TemplateFiles(files=files))


def take_template_files(id: int) -> Call[wire.Page[wire.Attachment]]:
    """A template's files as uploads of one's own."""
    return send("POST", f"/templates/{id}/files", wire.Page[wire.Attachment])


def render_template(id: int, body: wire.RenderTemplate) -> Call[wire.RenderedTemplate]:
    return send("POST", f"/templates/{id}/render", wire.RenderedTemplate, body)


def run_macro(conversation: int, macro: wire.RunMacro, key: str = "") -> Call[wire.ConversationRow]:
    return send("POST", f"/conversations/{conversation}/macro", wire.ConversationRow, macro, key)
