"""Calls of the HTTP API about stages, checklists, outcomes and topics; see `agent_console.backend.calls`."""

from __future__ import annotations

from agent_console.backend.calls import Call, get, named, send
from server import wire


def checklist(conversation: int) -> Call[wire.Checklist]:
    return get(f"/conversations/{conversation}/checklist", wire.Checklist)


def tick(conversation: int, item: str, on: bool = True) -> Call[wire.Checklist]:
    body = wire.Tick(item=item, on=on)
    return send("POST", f"/conversations/{conversation}/checklist", wire.Checklist, body)


def steps(conversation: int) -> Call[wire.Page[wire.Event]]:
    """What moved a conversation through the stages, who classified and ticked: the newest, oldest first."""
    return get(f"/conversations/{conversation}/steps", wire.Page[wire.Event])


def stage(conversation: int, stage: wire.Stage, key: str = "") -> Call[wire.ConversationRow]:
    body = wire.ChangeStage(stage=stage)
    return send("POST", f"/conversations/{conversation}/stage", wire.ConversationRow, body, key)


def outcome(conversation: int, body: wire.SetOutcome) -> Call[wire.Checklist]:
    return send("POST", f"/conversations/{conversation}/outcome", wire.Checklist, body)


def classify(conversation: int, body: wire.Classify, key: str = "") -> Call[wire.ConversationRow]:
    return send("POST", f"/conversations/{conversation}/classify", wire.ConversationRow, body, key)


def resolve(conversation: int, body: wire.Resolve, key: str = "") -> Call[wire.ConversationRow]:
    return send("POST", f"/conversations/{conversation}/resolve", wire.ConversationRow, body, key)


# ---------------------------------------------------------------- topics


def topics() -> Call[wire.Page[wire.Topic]]:
    return get("/topics", wire.Page[wire.Topic])


def add_topic(topic: wire.NewTopic) -> Call[wire.Topic]:
    return send("POST", "/topics", wire.Topic, topic)


def change_topic(id: int, change: wire.ChangeTopic) -> Call[wire.Topic]:
    return send("PATCH", f"/topics/{id}", wire.Topic, change)


def remove_topic(id: int) -> Call[None]:
    return send("DELETE", f"/topics/{id}", type(None))


def keep_topics(topics: wire.TopicList) -> Call[wire.Page[wire.Topic]]:
    return send("PUT", "/topics", wire.Page[wire.Topic], topics)


def try_topics(text: str) -> Call[wire.TopicTest]:
    return send("POST", "/topics/test", wire.TopicTest, wire.TryTopics(text=text))


# ---------------------------------------------------------------- teams' protocols


def protocols() -> Call[wire.Page[wire.Protocol]]:
    return get("/protocols", wire.Page[wire.Protocol])


def set_protocol(team: str, content: wire.ProtocolContent) -> Call[wire.Protocol]:
    return send("PUT", f"/protocols/{named(team)}", wire.Protocol, content)


def remove_protocol(team: str) -> Call[None]:
    return send("DELETE", f"/protocols/{named(team)}", type(None))
