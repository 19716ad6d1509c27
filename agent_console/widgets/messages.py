"""What widgets tell their screen."""

from __future__ import annotations

from collections.abc import Callable

from textual.message import Message


class Perform(Message):
    """An action of the registry was asked for, by a key or a click; `taught`: by its name, so its key is told."""

    def __init__(self, action: str, taught: bool = False) -> None:
        super().__init__()
        self.action = action
        self.taught = taught


class Moved(Message):
    """The list's cursor stands on another conversation (None: on nothing)."""

    def __init__(self, conversation: int | None) -> None:
        super().__init__()
        self.conversation = conversation


class InSight(Message):
    """The list shows the rows `top` to `bottom`, which is near an end of what is held."""

    def __init__(self, top: int, bottom: int) -> None:
        super().__init__()
        self.top = top
        self.bottom = bottom


class OlderMessages(Message):
    """The conversation is read near its beginning; older messages are wanted."""

    def __init__(self, conversation: int) -> None:
        super().__init__()
        self.conversation = conversation


class Dropped(Message):
    """Something that may be paths of files was pasted into an answer."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class LinkClicked(Message):
    """A link of a conversation was clicked."""

    def __init__(self, link: str) -> None:
        super().__init__()
        self.link = link


class Answered(Message):
    """A question was answered with the key of one of its choices; `escape` if it was closed. `then` is called once the
    keys are back where they were."""

    def __init__(self, answer: str, then: Callable[[], None] | None = None) -> None:
        super().__init__()
        self.answer = answer
        self.then = then
