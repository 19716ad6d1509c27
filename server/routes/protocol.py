"""The protocol of the service: checklists, stages, outcomes, classification, topics."""

from __future__ import annotations

from typing import Any

from server import wire
from server.commands.checking import (
    GetChecklist,
    ListProtocols,
    ListSteps,
    NoteOutcome,
    PutStage,
    RemoveProtocol,
    SetProtocol,
    TickItem,
)
from server.commands.classifying import (
    ClassifyConversation,
    CreateTopic,
    KeepTopics,
    ListTopics,
    RemoveTopic,
    TryTopics,
    UpdateTopic,
)
from server.routes.endpoint import Call, Endpoint


async def checklist(call: Call) -> Any:
    return await call.ask(GetChecklist(conversation=call.id))


async def tick(call: Call, body: wire.Tick) -> Any:
    return await call.do(TickItem(conversation=call.id, tick=body))


async def steps(call: Call) -> Any:
    return await call.ask(ListSteps(conversation=call.id))


async def stage(call: Call, body: wire.ChangeStage) -> Any:
    return await call.do(PutStage(conversation=call.id, change=body))


async def outcome(call: Call, body: wire.SetOutcome) -> Any:
    return await call.do(NoteOutcome(conversation=call.id, outcome=body))


async def classify(call: Call, body: wire.Classify) -> Any:
    return await call.do(ClassifyConversation(conversation=call.id, classify=body))


async def topics(call: Call) -> Any:
    return await call.ask(ListTopics())


async def create_topic(call: Call, body: wire.NewTopic) -> Any:
    return await call.do(CreateTopic(topic=body))


async def keep_topics(call: Call, body: wire.TopicList) -> Any:
    return await call.do(KeepTopics(topics=body))


async def try_topics(call: Call, body: wire.TryTopics) -> Any:
    return await call.ask(TryTopics(text=body.text))


async def update_topic(call: Call, body: wire.ChangeTopic) -> Any:
    return await call.do(UpdateTopic(id=call.id, change=body))


async def remove_topic(call: Call) -> None:
    await call.do(RemoveTopic(id=call.id))


async def protocols(call: Call) -> Any:
    return await call.ask(ListProtocols())


async def set_protocol(call: Call, body: wire.ProtocolContent) -> Any:
    return await call.do(SetProtocol(team=call.name, content=body))


async def remove_protocol(call: Call) -> None:
    await call.do(RemoveProtocol(team=call.name))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/conversations/{id}/checklist",
        summary="What the team's protocol asks for in a conversation, and what is done of it",
        handler=checklist,
        answer=wire.Checklist,
        codes=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/checklist",
        summary="Tick an item of the checklist, or take the tick away",
        handler=tick,
        body=wire.Tick,
        answer=wire.Checklist,
        codes=("not_found", "fills_itself", "merged"),
    ),
    Endpoint(
        method="GET",
        path="/conversations/{id}/steps",
        summary="What moved a conversation through its stages, who classified it and ticked what",
        handler=steps,
        answer=wire.Page[wire.Event],
        codes=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/stage",
        summary="Say by hand which stage of the service a conversation is in",
        handler=stage,
        body=wire.ChangeStage,
        answer=wire.ConversationRow,
        codes=("not_found", "stage_by_state", "merged"),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/outcome",
        summary="Note how a conversation ends, before it is resolved",
        handler=outcome,
        body=wire.SetOutcome,
        answer=wire.Checklist,
        codes=("not_found", "already_assigned", "unknown_outcome", "outcome_needs", "bad_currency", "merged"),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/classify",
        summary="Say what a conversation is about, how hard and how urgent it is",
        handler=classify,
        body=wire.Classify,
        answer=wire.ConversationRow,
        codes=("not_found", "merged"),
    ),
    Endpoint(
        method="GET",
        path="/topics",
        summary="All topics",
        handler=topics,
        answer=wire.Page[wire.Topic],
    ),
    Endpoint(
        method="POST",
        path="/topics",
        summary="Add a topic",
        handler=create_topic,
        needs="admin",
        body=wire.NewTopic,
        answer=wire.Topic,
        status=201,
        codes=("name_taken", "bad_topic", "not_found"),
    ),
    Endpoint(
        method="PUT",
        path="/topics",
        summary="Make the list of topics what a file says",
        handler=keep_topics,
        needs="admin",
        body=wire.TopicList,
        answer=wire.Page[wire.Topic],
        codes=("in_use", "bad_topic", "not_found"),
    ),
    Endpoint(
        method="POST",
        path="/topics/test",
        summary="What the rule makes of a text, and why",
        handler=try_topics,
        body=wire.TryTopics,
        answer=wire.TopicTest,
        codes=("too_long",),
    ),
    Endpoint(
        method="PATCH",
        path="/topics/{id}",
        summary="Change a topic",
        handler=update_topic,
        needs="admin",
        body=wire.ChangeTopic,
        answer=wire.Topic,
        codes=("not_found", "bad_topic"),
    ),
    Endpoint(
        method="DELETE",
        path="/topics/{id}",
        summary="Take a topic off the list",
        handler=remove_topic,
        needs="admin",
        codes=("not_found", "in_use"),
    ),
    Endpoint(
        method="GET",
        path="/protocols",
        summary="What each team's stages ask for",
        handler=protocols,
        answer=wire.Page[wire.Protocol],
    ),
    Endpoint(
        method="PUT",
        path="/protocols/{name}",
        summary="Say what a team's stages ask for",
        handler=set_protocol,
        needs="admin",
        body=wire.ProtocolContent,
        answer=wire.Protocol,
        codes=("not_found", "bad_protocol"),
    ),
    Endpoint(
        method="DELETE",
        path="/protocols/{name}",
        summary="A team's stages ask for nothing any more",
        handler=remove_protocol,
        needs="admin",
        codes=("not_found",),
    ),
)
