"""What a simulated member wants and how they talk about it: stories as data, and the mind that tells one. Pure.

A story is an opening, answers to what they may be asked (by topic), a question or two of their own once they got an
answer, and thanks. `Mind` hears what an advisor writes and says what the member does then; when, is not its matter.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from typing import Literal

import msgspec

Kind = Literal[
    "text", "image", "album", "audio", "document", "location", "sticker", "contacts", "reaction", "edit", "revoke"
]
Mood = Literal["calm", "cheerful", "worried", "hurried", "angry"]
Language = Literal["es", "en"]

#: what an advisor can ask about, in the order in which it is looked for
TOPICS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (topic, re.compile(words, re.IGNORECASE))
    for topic, words in (
        ("photo", r"\bfotos?\b|captura|imagen|comprobante|recibo|pantalla|screenshot|photo|picture|receipt"),
        ("id", r"\bdui\b|n[úu]mero de (?:socio|asociad)|documento de identidad|member number|\bid number\b"),
        ("amount", r"\bmontos?\b|cu[áa]nto|cantidad|how much|\bamount"),
        ("when", r"cu[áa]ndo|qu[ée] d[íi]a|fecha|\ba qu[ée] hora|desde qu[ée]|\bwhen\b|what (?:day|time)|\bdate\b"),
        ("place", r"agencia|sucursal|d[óo]nde|\bzona\b|municipio|departamento|\bbranch|\bwhere\b|which (?:town|city)"),
        ("phone", r"tel[ée]fono|celular|n[úu]mero de contacto|le llam|phone|call you"),
        ("name", r"nombre|a qui[ée]n tengo|your name|full name"),
        ("detail", r"mensaje|error|aparece|le sale|qu[ée] dice|versi[óo]n|qu[ée] pas[óo]|message|version|happened"),
    )
)
_QUESTION = re.compile(
    r"\?|\bpodr[íi]a\b|\bpuede (?:enviar|indicar|confirmar|mandar|decir)|\bme (?:regala|comparte|indica|confirma)\b"
    r"|\b(?:could|can) you\b|\bplease (?:send|tell)",
    re.IGNORECASE,
)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a member sends. `text` is the words, the caption, the emoji or the name of a place.

    `about`: what a reaction, an edit, a revocation or a quote speaks of: their own newest message, or the advisor's.
    `picture`: which of the made-up pictures or papers goes along; several names for an album.
    """

    kind: Kind = "text"
    text: str = ""
    about: Literal["", "own", "theirs"] = ""
    picture: str = ""


Said = str | Part


def photo(caption: str = "", picture: str = "receipt") -> Part:
    """A photo or a screenshot."""
    return Part(kind="image", text=caption, picture=picture)


def album(caption: str, *pictures: str) -> Part:
    """Several photos in one."""
    return Part(kind="album", text=caption, picture=" ".join(pictures))


def voice() -> Part:
    """A voice message."""
    return Part(kind="audio")


def paper(name: str, caption: str = "") -> Part:
    """A document."""
    return Part(kind="document", text=caption, picture=name)


def place(name: str) -> Part:
    """Where they are."""
    return Part(kind="location", text=name)


def card(name: str) -> Part:
    """Somebody's contact card."""
    return Part(kind="contacts", text=name)


def sticker() -> Part:
    return Part(kind="sticker")


def react(emoji: str) -> Part:
    """A reaction to the advisor's newest message."""
    return Part(kind="reaction", text=emoji, about="theirs")


def quote(text: str) -> Part:
    """An answer that quotes the advisor's newest message."""
    return Part(text=text, about="theirs")


def again(text: str) -> Part:
    """Words about their own earlier message, which they quote."""
    return Part(text=text, about="own")


def fix(text: str) -> Part:
    """Their newest message, corrected."""
    return Part(kind="edit", text=text, about="own")


def unsend() -> Part:
    """Their newest message, deleted."""
    return Part(kind="revoke", about="own")


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """An ad that brings people in, as WhatsApp's referral tells of it."""

    id: str
    headline: str
    body: str
    url: str


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One matter. Texts may name `{agency}`, `{town}`, `{amount}`, `{first}`, `{id}` and `{phone}` of the member.

    `asked`: answers by topic of TOPICS, or "yes" for any other question. `more`: their own questions after an answer.
    `on`: where it is told: in any chat, in one that carries more than text, on the web site or in the app (there, and
    in SMS, parts that are no text are left out), or in places where people write in another way: `email` (with its
    `subject`), `comment` (in public), `sms`, `telegram`. `business`: told by a business; `by`: by a woman or a man,
    where the words say so.
    """

    name: str
    opening: tuple[Said, ...]
    asked: Mapping[str, tuple[Said, ...]] = {}
    more: tuple[Said, ...] = ()
    thanks: tuple[Said, ...] = ()
    mood: Mood = "calm"
    language: Language = "es"
    on: Literal["chat", "rich", "site", "email", "comment", "sms", "telegram"] = "chat"
    subject: str = ""
    business: bool = False
    by: Literal["", "woman", "man"] = ""
    campaign: Campaign | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a member knows of themselves and says when asked; `formal` says usted, others vos."""

    first: str
    full: str
    town: str
    agency: str
    phone: str
    id: str
    amount: str
    formal: bool = True
    language: Language = "es"

    def fill(self, text: str) -> str:
        """A story's text with the member's own words in it."""
        for key in ("agency", "town", "amount", "first", "id", "phone"):
            text = text.replace("{" + key + "}", getattr(self, key))
        return text


#: what anybody answers to the usual questions, where the story says nothing better
_KNOWN: dict[Language, dict[str, tuple[str, ...]]] = {
    "es": {
        "id": ("{id}", "Mi DUI es {id}", "aqui está: {id}"),
        "place": ("En {town}", "agencia {agency}", "Vivo en {town}, la que me queda cerca es la de {agency}"),
        "amount": ("Son ${amount}", "${amount}", "como ${amount} más o menos"),
        "when": ("hoy en la mañana", "Ayer por la tarde", "fue el viernes creo"),
        "phone": ("Este mismo número", "al {phone}", "{phone}, después de las 2 mejor"),
        "name": ("{first}", "Está a nombre mío, {first}"),
        "photo": ("ahorita no tengo como mandarla", "se la mando más tarde"),
        "detail": ("no me fijé bien la verdad", "solo eso me sale"),
        "yes": ("Sí", "sí, por favor", "Sí está bien", "va, perfecto", "Así es"),
    },
    "en": {
        "id": ("It's {id}", "{id}"),
        "place": ("I'm in {town}", "{agency} branch"),
        "amount": ("${amount}", "About ${amount}"),
        "when": ("This morning", "Yesterday afternoon"),
        "phone": ("This same number", "{phone}"),
        "name": ("{first}",),
        "photo": ("I can't send it right now, sorry",),
        "detail": ("That's all it says",),
        "yes": ("Yes", "Yes please", "Correct"),
    },
}
_THANKS: dict[Language, tuple[str, ...]] = {
    "es": (
        "Muchas gracias 🙏",
        "gracias, muy amable",
        "ok gracias",
        "Perfecto, gracias!",
        "Bueno, gracias por la ayuda",
    ),
    "en": ("Thank you!", "Great, thanks", "Thanks a lot 🙏"),
}
_NUDGES: dict[Language, dict[Mood, tuple[str, ...]]] = {
    "es": {
        "calm": ("Buenas, ¿me pueden ayudar?", "Quedo pendiente"),
        "cheerful": ("Holaaa 👋", "por aquí sigo jeje"),
        "worried": ("¿Alguien me puede ayudar por favor?", "es urgente, de verdad"),
        "hurried": ("?", "hola??"),
        "angry": ("Siempre lo mismo, nadie contesta", "Sigo esperando…", "???"),
    },
    "en": {
        "calm": ("Hello, is anyone there?",),
        "cheerful": ("Still here 🙂",),
        "worried": ("Please, can someone help me?",),
        "hurried": ("Any news?", "?"),
        "angry": ("I am still waiting.",),
    },
}
#: how likely a member of this mood says thanks in words, reacts instead, or just goes
_PARTING: dict[Mood, tuple[float, float]] = {
    "calm": (0.75, 0.15),
    "cheerful": (0.85, 0.15),
    "worried": (0.9, 0.05),
    "hurried": (0.4, 0.35),
    "angry": (0.35, 0.1),
}


_NOTHING_MORE: dict[Language, tuple[str, ...]] = {
    "es": ("No, solo eso, gracias", "No, eso sería todo 🙏", "nada más, muy amable"),
    "en": ("No, that's all, thanks", "Nothing else, thank you!"),
}


def nothing_more(language: Language, rng: random.Random) -> str:
    """What somebody says who is asked whether there is anything else."""
    return rng.choice(_NOTHING_MORE[language])


def asks(text: str) -> bool:
    """Whether an advisor's message asks for something."""
    return _QUESTION.search(text) is not None


def topic_of(text: str) -> str:
    """What it asks about: a topic of TOPICS, or "yes" for a question that a nod answers."""
    # Of several sentences the one that asks tells what is asked.
    questions = [part for part in re.split(r"(?<=[.!?])\s+|(?=¿)", text) if asks(part)] or [text]
    for topic, words in TOPICS:
        if any(words.search(part) for part in questions):
            return topic
    return "yes"


class Mind:
    """One member in the middle of one story. `over`: they have nothing more to say."""

    def __init__(self, story: Story, facts: Facts, rng: random.Random) -> None:
        self.story = story
        self.facts = facts
        self.over = False
        self.heard = 0
        self._rng = rng
        self._more = list(story.more)
        self._asked: dict[str, list[Said]] = {topic: list(said) for topic, said in story.asked.items()}
        self._nudges = 0

    def opening(self) -> list[Part]:
        """What they begin with."""
        return [self._part(said) for said in self.story.opening]

    def hear(self, text: str) -> list[Part]:
        """An advisor wrote this; what they send back, which may be nothing."""
        self.heard += 1
        if self.over:
            return []
        if asks(text):
            return [self._part(said) for said in self._answer(topic_of(text))]
        if self.heard == 1 and len(text) < 60 and self._more:
            return []  # a greeting: the answer is still to come
        if self._more and self._rng.random() < 0.8:
            return [self._part(self._more.pop(0))]
        return self._part_ways()

    def nudge(self) -> list[Part]:
        """They have waited long for a word; they say so, twice at most."""
        if self.over or self._nudges >= 2:
            return []
        self._nudges += 1
        words = _NUDGES[self.story.language][self.story.mood]
        return [self._part(words[(self._nudges - 1) % len(words)])]

    def _answer(self, topic: str) -> list[Said]:
        own = self._asked.get(topic)
        if own:
            said = own.pop(0)
            # A picture and the words that belong to it come together.
            return [said, own.pop(0)] if isinstance(said, Part) and own and isinstance(own[0], str) else [said]
        return [self._rng.choice(_KNOWN[self.story.language].get(topic) or _KNOWN[self.story.language]["yes"])]

    def _part_ways(self) -> list[Part]:
        self.over = True
        words, reaction = _PARTING[self.story.mood]
        chance = self._rng.random()
        if chance < words:
            return [self._part(self._rng.choice(self.story.thanks or _THANKS[self.story.language]))]
        if chance < words + reaction:
            return [react(self._rng.choice(("👍", "🙏", "❤️", "👌")))]
        return []

    def _part(self, said: Said) -> Part:
        part = Part(text=said) if isinstance(said, str) else said
        return msgspec.structs.replace(part, text=self.facts.fill(part.text)) if part.text else part
