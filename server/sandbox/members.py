"""The members of an invented Salvadoran cooperative who write in the demo: who they are, which stories they may tell.

Nobody here exists. The same seed makes the same people with the same numbers, so that a demo that is continued meets
its customers again.
"""

from __future__ import annotations

import base64
import hashlib
import random
import re
import unicodedata
from typing import Literal, NamedTuple

import msgspec

from server.sandbox import members_cards, members_letters, members_money, members_people, members_public
from server.sandbox.members_story import Facts, Language, Story

STORIES: tuple[Story, ...] = (
    *members_money.STORIES,
    *members_cards.STORIES,
    *members_people.STORIES,
    *members_letters.STORIES,
    *members_public.STORIES,
)

#: a kind of channel, which is also the channel's name in the demo
Line = Literal["whatsapp", "messenger", "instagram", "telegram", "sms", "email", "webchat", "webhook"]


class Place(NamedTuple):
    """Where somebody writes: `public`: below a post. `twin`: they are the member that many places before this one, who
    writes here as well. `away`: their mail program says that they are; `full`: their mailbox takes no more."""

    line: Line
    public: bool = False
    twin: int = 0
    away: bool = False
    full: bool = False


#: who writes where, over and over: nearly half on WhatsApp, and every channel among the first dozen
PLACES: tuple[Place, ...] = (
    Place("whatsapp"),
    Place("messenger"),
    Place("email"),
    Place("whatsapp"),
    Place("telegram"),
    Place("whatsapp"),
    Place("instagram"),
    Place("webchat"),
    Place("sms", twin=8),
    Place("whatsapp"),
    Place("webhook", twin=8),
    Place("instagram", public=True),
    Place("whatsapp"),
    Place("messenger", public=True),
    Place("whatsapp"),
    Place("email", away=True),
    Place("whatsapp"),
    Place("telegram"),
    Place("whatsapp"),
    Place("webchat"),
    Place("whatsapp"),
    Place("email", full=True),
    Place("whatsapp"),
    Place("whatsapp"),
)

#: where stories are told that may be told in more than one way
_CHATS = frozenset({"whatsapp", "messenger", "instagram", "telegram", "sms", "webchat", "webhook"})
_TOLD: dict[str, frozenset[str]] = {
    "chat": _CHATS,
    "rich": frozenset({"whatsapp", "messenger", "instagram", "telegram"}),
    "site": frozenset({"webchat", "webhook"}),
}

#: (town, the branch its people go to)
TOWNS: tuple[tuple[str, str], ...] = (
    ("San Miguel", "San Miguel Centro"),
    ("Usulután", "Usulután"),
    ("Santiago de María", "Usulután"),
    ("San Salvador", "Escalón"),
    ("Soyapango", "Plaza Mundo"),
    ("Mejicanos", "Metrocentro"),
    ("Santa Tecla", "Santa Tecla"),
    ("La Libertad", "Puerto de La Libertad"),
    ("Santa Ana", "Santa Ana Centro"),
    ("Chalchuapa", "Santa Ana Centro"),
    ("Ahuachapán", "Ahuachapán"),
    ("Sonsonate", "Sonsonate"),
    ("Izalco", "Sonsonate"),
    ("Chalatenango", "Chalatenango"),
    ("Suchitoto", "Cojutepeque"),
    ("Cojutepeque", "Cojutepeque"),
    ("Zacatecoluca", "Zacatecoluca"),
    ("San Vicente", "San Vicente"),
    ("La Unión", "La Unión"),
    ("San Francisco Gotera", "Gotera"),
)


class _Known(msgspec.Struct, frozen=True):
    """Somebody with a face: shown name, first name, where a fixed one fits better than a drawn one."""

    shown: str
    first: str
    business: bool = False
    language: Language = "es"
    username: str = ""  # they hide their number
    woman: bool = False


_CAST: tuple[_Known, ...] = (
    _Known("María Ramos", "María", woman=True),
    _Known("Pupusería Lita", "Lita", business=True, woman=True),
    _Known("José Ángel Mejía", "José Ángel"),
    _Known("Don Neto", "Ernesto"),
    _Known("Lidia Portillo", "Lidia", woman=True),
    _Known("Ferretería El Sol", "Rigoberto", business=True),
    _Known("dulces.nena 🍬", "Nena", username="dulces.nena", woman=True),
    _Known("Carlos Umaña", "Carlos"),
    _Known("Niña Tere", "Teresa", woman=True),
    _Known("~ Wendy 💅 ~", "Wendy", woman=True),
    _Known("Kevin Alexander", "Kevin"),
    _Known("Blanca Estela de Guzmán", "Blanca", woman=True),
    _Known("ELMER CHICAS", "Elmer"),
    _Known("Sandra 🌻", "Sandra", username="sandrita.sv", woman=True),
    _Known("Taller Hermanos Cruz", "Óscar", business=True),
    _Known("Marleny", "Marleny", woman=True),
    _Known("Moisés Argueta", "Moisés"),
    _Known("Karla Beatriz Henríquez", "Karla", woman=True),
    _Known("Profe Douglas", "Douglas"),
    _Known("Ana Ruth ✝️", "Ana Ruth", woman=True),
    _Known("Mike Alvarado", "Mike", language="en"),
    _Known("Comercial Lupita", "Guadalupe", business=True, woman=True),
    _Known("Chepe", "José"),
    _Known("Yesenia Orellana", "Yesenia", woman=True),
    _Known("Reina Isabel Vásquez", "Reina", woman=True),
    _Known("Sunset Hostel", "Jenny", business=True, language="en", woman=True),
    _Known("Walter", "Walter"),
    _Known("Rosibel Amaya", "Rosibel", woman=True),
    _Known("don Toño 🐓", "Antonio"),
    _Known("Cindy Menjívar", "Cindy", woman=True),
    _Known("Farmacia San Rafael", "Claudia", business=True, woman=True),
    _Known("🅡🅞🅝🅐🅛🅓", "Ronald", username="ronald.cbtis"),
    _Known("Gloria Marina Escobar viuda de Menéndez", "Gloria", woman=True),
    _Known("Nelson H.", "Nelson"),
    _Known("Fátima", "Fátima", woman=True),
    _Known("Ing. Saúl Rivas", "Saúl"),
    _Known("Marvin", "Marvin", language="en"),
    _Known("Tienda La Bendición", "Marta", business=True, woman=True),
    _Known("Xiomara Landaverde", "Xiomara", woman=True),
    _Known("Juan Pablo", "Juan Pablo"),
)
#: nobody has these (RFC 2606)
_MAILS = ("correo.example", "mail.example", "oficina.example")
#: where there is no such thing as somebody who cannot be reached, or it is told in another way
_SURE = frozenset({"email", "webchat", "webhook"})
_WOMEN = (
    *("Ada", "Alba", "Alejandra", "Berta", "Carmen", "Cecilia", "Concepción", "Daysi", "Delmy", "Evelyn", "Flor"),
    *("Francisca", "Gladis", "Hilda", "Idalia", "Irma", "Julia", "Karen", "Lorena", "Luz", "Maritza", "Milagro"),
    *("Mirna", "Morena", "Norma", "Patricia", "Roxana", "Silvia", "Tatiana", "Vilma"),
)
_MEN = (
    *("Adonay", "Amílcar", "Bryan", "Edwin", "Elías", "Gerson", "Héctor", "Jaime", "Jeremías", "Leonel", "Manuel"),
    *("Mauricio", "Melvin", "Noé", "Orlando", "Rafael", "Rutilio", "Salvador", "Santos", "Ulises"),
)
_LAST = (
    *("Aguilar", "Alfaro", "Arévalo", "Ayala", "Barahona", "Bonilla", "Calderón", "Campos", "Cañas", "Chávez"),
    *("Cortez", "Cubías", "Duarte", "Flamenco", "Flores", "Funes", "Galdámez", "Granados", "Guardado", "Hernández"),
    *("Iraheta", "Joya", "Lemus", "Linares", "Lovo", "Magaña", "Melara", "Merino", "Monterrosa", "Morán"),
    *("Navarrete", "Najarro", "Peñate", "Pineda", "Quintanilla", "Recinos", "Rivera", "Romero", "Sigüenza", "Sorto"),
    *("Tobar", "Valladares", "Zelaya"),
)


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One simulated person on one channel. `address`: what it calls them (`hidden`: WhatsApp does not tell the number).

    `phone`: their number, also where the channel does not know it; `mail`: their mail address. `away`, `full`: see
    `Place`. `reads`: they let others know that they read; `reachable`: they get what is written to them.
    """

    n: int
    name: str
    line: Line
    facts: Facts
    address: str
    public: bool = False
    hidden: bool = False
    business: bool = False
    woman: bool = False
    phone: str = ""
    mail: str = ""
    username: str = ""
    away: bool = False
    full: bool = False
    reads: bool = True
    reachable: bool = True

    @property
    def key(self) -> str:
        """What the ledger knows them by."""
        return f"{self.line} {self.address}"

    @property
    def place(self) -> str:
        """Where they write: the channel, or `comment` in public."""
        return "comment" if self.public else self.line

    def may_tell(self, story: Story) -> bool:
        """Whether a story fits this person and the way they write."""
        if story.language != self.facts.language or self.place not in _TOLD.get(story.on, (story.on,)):
            return False
        if story.by and (self.business or (story.by == "woman") != self.woman):
            return False
        return story.business == self.business or (self.business and not story.business and story.mood != "worried")


def cast(seed: int, size: int) -> list[Member]:
    """The first `size` members of the cooperative of this seed."""
    rng = random.Random(f"members {seed}")
    known = list(_CAST)
    # The most telling ones stay in front, so that a small demo has them too.
    head, tail = known[:8], known[8:]
    rng.shuffle(tail)
    known = head + tail
    members: list[Member] = []
    for n in range(size):
        place = PLACES[n % len(PLACES)]
        person = _person(known[n] if n < len(known) else _anybody(rng), rng)
        if place.twin:
            person = msgspec.structs.replace(members[n - place.twin], n=n)
        members.append(_at(place, person, n, seed, rng))
    return members


def _anybody(rng: random.Random) -> _Known:
    woman = rng.random() < 0.6
    first = rng.choice(_WOMEN if woman else _MEN)
    shown = first if rng.random() < 0.25 else f"{first} {rng.choice(_LAST)}"
    return _Known(shown, first, language="en" if rng.random() < 0.08 else "es", woman=woman)


def _person(known: _Known, rng: random.Random) -> Member:
    """Somebody, wherever they write."""
    town, agency = rng.choice(TOWNS)
    phone = f"5037{rng.randrange(10**7):07d}"
    facts = Facts(
        first=known.first,
        full=known.shown,
        town=town,
        agency=agency,
        phone=f"{phone[3:7]}-{phone[7:]}",
        id=f"0{rng.randrange(10**7):07d}-{rng.randrange(10)}",
        amount=_amount(rng),
        formal=rng.random() < 0.7,
        language=known.language,
    )
    return Member(
        n=0,
        name=known.shown,
        line="whatsapp",
        address="",
        facts=facts,
        business=known.business,
        woman=known.woman,
        phone=phone,
        mail=f"{_plain(known.shown) or _plain(known.first)}{rng.randrange(100):02d}@{rng.choice(_MAILS)}",
        username=known.username,
        reads=rng.random() < 0.9,
        # One in a while blocked us or lost the phone: the advisor sees what a failed message looks like.
        reachable=rng.random() > 0.04,
    )


def _at(place: Place, person: Member, n: int, seed: int, rng: random.Random) -> Member:
    """That person where they write."""
    line: Line = place.line
    if person.username and line not in ("whatsapp", "instagram"):
        line = "whatsapp"  # whoever hides the number does so there
    number = "".join(rng.choice("123456789") for _ in range(20))
    hidden = line == "whatsapp" and bool(person.username)
    address = {
        "whatsapp": f"SV.{number}" if hidden else person.phone,
        "messenger": f"6{number[:15]}",
        "instagram": f"17{number[:14]}",
        "telegram": f"5{number[:9]}",
        "sms": f"+{person.phone}",
        "email": person.mail,
        "webchat": _token(seed, n),
        "webhook": f"socio-{number[:5]}",
    }[line]
    first = line == "webchat" and rng.random() < 0.3
    return msgspec.structs.replace(
        person,
        n=n,
        line=line,
        address=address,
        public=place.public and line == place.line,
        hidden=hidden,
        # A visitor of the web site gives their name, without the decorations of a profile.
        name=person.facts.first if first else person.name,
        username=person.username or (_plain(person.name) if line in ("instagram", "telegram") else ""),
        away=place.away and line == "email",
        full=place.full and line == "email",
        reachable=n < 8 or place.line in _SURE or person.reachable,
    )


def _plain(name: str) -> str:
    """A name as people make an address of it."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return ".".join(re.findall(r"[a-z0-9]+", bare))


def _amount(rng: random.Random) -> str:
    return rng.choice(
        ("85", "120", "150", "200", "275", "350", "500", "800", "1,200", "1,500", "2,400", "3,000", "6,500")
    )


def _token(seed: int, n: int) -> str:
    digest = hashlib.sha256(f"visitor {seed} {n}".encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Deck:
    """Deals stories: none twice before all were told, and never again to the same member while there are others."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(f"stories {seed}")
        self._cards: list[Story] = []
        self._told: set[tuple[int, str]] = set()

    def told(self, member: Member, story: Story) -> None:
        """This member has told this story already."""
        self._told.add((member.n, story.name))

    def deal(self, member: Member) -> Story:
        """A story for this member. Raises LookupError if none fits them at all."""
        for fresh in (True, False):
            for story in self._cards:
                if member.may_tell(story) and not (fresh and (member.n, story.name) in self._told):
                    self._cards.remove(story)
                    self._told.add((member.n, story.name))
                    return story
            if fresh:
                more = list(STORIES)
                self._rng.shuffle(more)
                self._cards += more
        raise LookupError(f"no story fits {member.name}")
