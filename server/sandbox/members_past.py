"""What the members and the cooperative wrote to each other before the demo begins. Pure: a plan, nothing happens here.

Earlier conversations (so that a customer's pane has a past) and those of the last quarter of an hour that still wait
(so that some promises are about to be broken when somebody sits down to answer).
"""

from __future__ import annotations

import random
from typing import Literal

import msgspec

from server.sandbox.members import STORIES, Member
from server.sandbox.members_story import Mind, Story

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000

Act = Literal["in", "out", "note", "claim", "resolve", "fails"]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened `ago` ms before the demo. `by`: an advisor, empty for the customer.

    `text`: the words, or how it ended (`resolve`); `fails` is a reply that never arrives.
    """

    ago: int
    act: Act
    by: str = ""
    text: str = ""

    def id_of(self, member: Member) -> str:
        """What the channel calls this message of a member's, where that is not made up when it is written down."""
        number = 10**9 - self.ago // SECOND
        if member.line == "telegram":
            return f"{member.address}:{number}"
        if member.line == "email":
            return f"past.{member.n}.{number}@{member.address.partition('@')[2]}"
        return f"9{member.n:05d}{number}" if member.public else f"past-{member.n}-{number}"


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation. `going`: it is not over; the customer waits for an answer, or has got one (`answered`)."""

    member: Member
    story: Story
    steps: tuple[Step, ...]
    going: bool = False
    answered: bool = False


#: (seconds since the customer wrote, who has it): first answers are promised within fifteen minutes
_WAITING: tuple[tuple[int, str], ...] = (
    (1030, "ana"),
    (805, "ana"),
    (745, ""),
    (610, "luis"),
    (430, "ana"),
    (260, ""),
)
#: seconds since somebody who was answered wrote again: the next answer is promised within thirty minutes
_RETURNED = 1720
#: what the first ones want: matters that tell at a glance what this place is about
_FIRST = {
    "María Ramos": "user-blocked",
    "Pupusería Lita": "loan-already-disbursed",
    "José Ángel Mejía": "mail-late-fee",
    "Don Neto": "term-deposit",
    "Lidia Portillo": "refinance-operation",
    "Carlos Umaña": "savings-account-for-daughter",
}
_GREETINGS = (
    "Buenos días. Con gusto le ayudo, permítame un momento.",
    "Buenas tardes, gracias por escribirnos. Ya lo reviso.",
    "Hola, con mucho gusto. Déjeme ver su caso.",
)
_ANSWERS = (
    "Ya quedó resuelto, gracias por su paciencia.",
    "Listo, ya lo dejé gestionado. Le llegará la confirmación.",
    "Hablé con el área encargada: queda hoy mismo.",
    "Ya está. Cualquier cosa nos escribe por aquí.",
)
_LATER = (
    "Le llamo el jueves a las 10 para darle la respuesta, ¿está bien?",
    "Ya lo pasé a la agencia; le escribo apenas me confirmen.",
    "Quedo pendiente de la foto del documento para continuar.",
)
_OUTCOMES = ("solved", "solved", "solved", "solved", "lead", "sale", "lost")
_ADVISORS = ("ana", "luis", "rosa")


def plan(seed: int, members: list[Member]) -> list[Talk]:
    """Every conversation there was, in no order. The same for the same seed and members."""
    rng = random.Random(f"past {seed}")
    talks = [talk for member in members for talk in _earlier(member, rng)]
    free = [member for member in members if member.reachable and member.facts.language == "es"]
    for (seconds, who), member in zip(_WAITING, free, strict=False):
        talks.append(_waiting(member, seconds, who, rng))
    rest = free[len(_WAITING) :]
    talks += [_returned(member, rng) for member in rest[:1]]
    talks += [_answered(member, fails=n == 0, rng=rng) for n, member in enumerate(rest[1:4])]
    return talks


def _story(member: Member, rng: random.Random) -> Story:
    """A story whose beginning makes sense without its pictures."""
    wanted = _FIRST.get(member.name) if member.line != "sms" else ""  # who writes texts besides wants something else
    fitting = [s for s in STORIES if member.may_tell(s) and isinstance(s.opening[0], str) and s.campaign is None]
    return next((s for s in fitting if s.name == wanted), None) or rng.choice(fitting)


def _opening(member: Member, story: Story, ago: int, rng: random.Random) -> list[Step]:
    steps: list[Step] = []
    for part in Mind(story, member.facts, rng).opening():
        if part.kind != "text":
            continue
        steps.append(Step(ago=ago, act="in", text=part.text))
        ago -= rng.randrange(4, 20) * SECOND
    return steps


def _earlier(member: Member, rng: random.Random) -> list[Talk]:
    # Two days apart at least: who writes again sooner goes on with the conversation that was over.
    days = rng.sample(range(2, 76, 2), rng.choice((0, 0, 1, 1, 2, 3)))
    return [_over(member, day * DAY + rng.randrange(0, 8 * HOUR), rng) for day in sorted(days, reverse=True)]


def _over(member: Member, ago: int, rng: random.Random) -> Talk:
    """One that came to its end."""
    story = _story(member, rng)
    steps = _opening(member, story, ago, rng)
    who = rng.choice(_ADVISORS)
    ago = steps[-1].ago - rng.randrange(1, 14) * MINUTE
    steps.append(Step(ago=ago, act="out", by=who, text=rng.choice(_GREETINGS)))
    mind = Mind(story, member.facts, rng)
    question = "¿De qué agencia es usted?" if member.public else "¿Me regala su número de DUI, por favor?"
    for text in [part.text for part in mind.hear(question) if part.text]:
        ago -= rng.randrange(20, 200) * SECOND
        steps.append(Step(ago=ago, act="in", text=text))
    if rng.random() < 0.25:
        steps.append(Step(ago=ago - 5 * SECOND, act="note", by=who, text="ya se validó identidad con DUI"))
    ago -= rng.randrange(1, 9) * MINUTE
    steps.append(Step(ago=ago, act="out", by=who, text=rng.choice(_ANSWERS)))
    ago -= rng.randrange(10, 90) * SECOND
    steps.append(Step(ago=ago, act="in", text=rng.choice(("Gracias!", "ok, gracias", "Muy amable 🙏"))))
    steps.append(Step(ago=ago - 30 * SECOND, act="resolve", by=who, text=rng.choice(_OUTCOMES)))
    return Talk(member=member, story=story, steps=tuple(steps))


def _waiting(member: Member, seconds: int, who: str, rng: random.Random) -> Talk:
    """One whose customer has had no answer yet."""
    story = _story(member, rng)
    steps = _opening(member, story, seconds * SECOND, rng)
    if who:
        steps.append(Step(ago=steps[-1].ago - 2 * SECOND, act="claim", by=who))
    return Talk(member=member, story=story, steps=tuple(steps), going=True)


def _returned(member: Member, rng: random.Random) -> Talk:
    """One in the middle: answered, and now the customer has a question that nobody answered."""
    story = _story(member, rng)
    mind = Mind(story, member.facts, rng)
    steps = _opening(member, story, _RETURNED * SECOND + 11 * MINUTE, rng)
    ago = _RETURNED * SECOND + 8 * MINUTE
    steps.append(Step(ago=ago, act="out", by="ana", text="Buenos días, con gusto. ¿Me regala su número de DUI?"))
    for part in mind.hear(steps[-1].text):
        ago -= 70 * SECOND
        steps.append(Step(ago=ago, act="in", text=part.text))
    steps.append(Step(ago=ago - 20 * SECOND, act="note", by="luis", text="ya se validó identidad con DUI el martes"))
    steps.append(Step(ago=ago - MINUTE, act="out", by="ana", text=rng.choice(_ANSWERS)))
    question = story.more[0] if story.more and isinstance(story.more[0], str) else "¿Y eso cuánto tarda?"
    text = member.facts.fill(question)
    steps.append(Step(ago=_RETURNED * SECOND, act="in", text=text))
    return Talk(member=member, story=story, steps=tuple(steps), going=True, answered=True)


def _answered(member: Member, fails: bool, rng: random.Random) -> Talk:
    """One that waits for the customer; or whose answer did not arrive."""
    story = _story(member, rng)
    steps = _opening(member, story, rng.randrange(45, 120) * MINUTE, rng)
    who = "ana" if fails else rng.choice(_ADVISORS)
    ago = steps[-1].ago - 4 * MINUTE
    steps.append(Step(ago=ago, act="out", by=who, text=rng.choice(_GREETINGS)))
    ago -= 6 * MINUTE
    steps.append(Step(ago=ago, act="fails" if fails else "out", by=who, text=rng.choice(_LATER)))
    return Talk(member=member, story=story, steps=tuple(steps), going=True, answered=True)
