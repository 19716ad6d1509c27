"""Keys go one at a time: the next one is handed on when all that the one before caused has happened.

Textual hands a key at once to whoever has the keys at that moment, while what the key before it does (open the
composer, raise a drawer, move to the next field) still waits in other queues. Of keys that come in one chunk, from a
fast hand or a slow line, all but the first would reach the pane beneath: "rHola" would open an answer and then hide the
conversation, not write "Hola". So a key is followed by a `Fence`, which goes the way that the key's consequences go,
twice: from the widget that got the key up to the app, behind the messages that its handlers posted, and once more
behind those that these caused. Until it is back, later keys and pastes are kept, in order.

A key that comes alone pays nothing: its fence is sent when it has been painted, or when a second key comes sooner.

Escape and a letter soon after it look like alt and that letter to a terminal program. Where nobody writes there is no
such key, so they are the two keys they were. Where one writes, alt with b and f goes from word to word.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import ScreenStackError
from textual.message import Message

if TYPE_CHECKING:
    from textual.app import App
    from textual.dom import DOMNode

#: a key may cause a message, and that one another (a binding goes up to the app first, then its action begins below)
ROUNDS = 2
#: seconds after which a key that came alone has been painted, and its fence disturbs nobody
PAINTED = 0.02
#: seconds for which what an action fetches may keep the keys waiting
PATIENCE = 2.0
#: seconds after which it is looked whether a fence got lost with the widget that it was sent to
LOST = 0.3


#: from word to word, as shells have it
_WORDS = {"alt+b": "ctrl+left", "alt+f": "ctrl+right"}


def _instead(key: events.Key, name: str, character: str | None) -> events.Key:
    """Another key, pressed when and where this one was."""
    other = events.Key(name, character)
    other._sender, other.time = key._sender, key.time
    return other


class Fence(Message):
    """Follows what a key caused. `key`: which key, counted; `round`: how often it has gone up."""

    def __init__(self, key: int, round: int = 1) -> None:
        super().__init__()
        self.key = key
        self.round = round


class KeyGate:
    """The keys of an app. `forward` is what the app would do with them."""

    def __init__(self, app: App[Any], forward: Callable[[events.Event], Awaitable[None]]) -> None:
        self._app = app
        self._forward = forward
        self._kept: deque[events.Event] = deque()
        #: the key whose consequences are waited for, who got it, and whether its fence is on its way
        self._key = 0
        self._start: DOMNode | None = None
        self._sending: asyncio.TimerHandle | None = None
        self._watching = False
        #: what is waited for, and how to give it up if Escape shall do so
        self._holds: dict[object, Callable[[], None] | None] = {}

    @property
    def busy(self) -> bool:
        """Whether a key waits for its turn."""
        return bool(self._kept)

    @property
    def idle(self) -> bool:
        """Whether all that was pressed has had its consequences."""
        return not self._kept and not self._holds and self._start is None

    async def take(self, event: events.Event) -> None:
        """Hand a key or a paste on, now or when it is its turn."""
        if self._start is None and not self._holds and not self._kept:
            await self._hand_on(event)
            await self._next()  # of alt and a letter, the letter
        else:
            self._kept.append(event)
            self._give_up()
            if self._sending is not None and not self._send():
                await self._go_on()
        if self._kept and self._start is not None:
            self._watch()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep later keys while what an action fetches is on its way, for what they type comes after it."""
        let_go = self._keep()
        try:
            yield
        finally:
            let_go()

    def hold_until(self, *tasks: asyncio.Task[None], escape: bool = False) -> None:
        """The same, until all of these are done. `escape`: or until Escape is pressed; the keys before it were meant
        for what is not waited for any more."""
        for task in tasks:
            let_go = self._keep(escape)
            task.add_done_callback(lambda _done, let_go=let_go: let_go())  # type: ignore[misc]
        self._give_up()

    def _give_up(self) -> None:
        """If Escape waits for nothing but what it may give up, give that up."""
        waited_for = list(self._holds.values())
        kept = (at for at, event in enumerate(self._kept) if isinstance(event, events.Key) and event.key == "escape")
        escape = next(kept, None)
        if escape is not None and waited_for and None not in waited_for:
            for _before in range(escape):
                self._kept.popleft()
            for let_go in filter(None, waited_for):
                let_go()

    def _keep(self, escape: bool = False) -> Callable[[], None]:
        """Keep later keys until what this answers is called, or patience is at its end."""
        held = object()

        def let_go() -> None:
            patience.cancel()
            if held in self._holds:
                del self._holds[held]
                self._app.call_later(self._next)

        self._holds[held] = let_go if escape else None
        patience = asyncio.get_running_loop().call_later(PATIENCE, let_go)
        return let_go

    async def back(self, fence: Fence) -> None:
        """A fence has come up to the app: send it once more, or let the next key go."""
        fence.stop()
        if fence.key == self._key and (fence.round >= ROUNDS or not self._send(fence.round + 1)):
            await self._go_on()

    async def _hand_on(self, event: events.Event) -> None:
        """Forward it; its fence follows, at once if somebody waits."""
        try:
            self._start = self._app.focused or self._app.screen
        except ScreenStackError:
            return  # there is nobody yet who could want it
        if isinstance(event, events.Key) and event.key.startswith("alt+") and event.is_printable:
            event = self._of_alt(event)
        self._key += 1
        await self._forward(event)
        if not self._kept:
            self._sending = asyncio.get_running_loop().call_later(PAINTED, self._send)
        elif not self._send():
            self._start = None

    def _of_alt(self, key: events.Key) -> events.Key:
        """What alt and a letter is here; the letter of two keys comes next."""
        if getattr(self._start, "writes", True):
            word = _WORDS.get(key.key)
            return _instead(key, word, None) if word else key
        char = key.character or ""
        self._kept.appendleft(_instead(key, char if char.isalnum() else key.key.removeprefix("alt+"), char))
        return _instead(key, "escape", "\x1b")

    async def _go_on(self) -> None:
        """What the last key caused has happened."""
        self._start = None
        await self._next()

    async def _next(self) -> None:
        """Hand on the next of the keys that were kept, if nothing is waited for."""
        while self._kept and self._start is None and not self._holds:
            await self._hand_on(self._kept.popleft())

    def _send(self, round: int = 1) -> bool:
        """Send the fence. False if who got the key is gone, and with them what it might have caused."""
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None
        start = self._start
        if start is not None and start.is_attached and start.post_message(Fence(self._key, round)):
            return True
        self._start = None
        return False

    def _watch(self) -> None:
        """A widget may be removed while a fence is on its way through it: look after those that are waited for."""
        if self._watching:
            return
        self._watching, key = True, self._key

        async def look() -> None:
            self._watching = False
            start = self._start
            if start is not None and key == self._key and not (start.is_attached and start.is_running):
                await self._go_on()
            if self._kept:
                self._watch()

        self._app.set_timer(LOST, look)
