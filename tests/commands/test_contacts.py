"""One customer with many identities: what is proven, what is suggested, what people decide, and how it is undone."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from server import wire
from server.commands.acts import ResolveConversation
from server.commands.contacts import ListContacts, RejectSuggestion, UpdateContact
from server.commands.delivering import LeaseOutbox
from server.commands.door import SYSTEM, Refusal
from server.commands.inbox import ListConversations
from server.commands.organisation import UpdateOrganisation
from server.commands.queries import History
from server.commands.replies import SendReply
from server.facts import Address, AddressChangeFact
from tests.commands.crossing import Crossing
from tests.commands.office import HOUR

ANA, LUZ, EVA = "50370000001", "50370000002", "50370000003"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Crossing]:
    place = Crossing(tmp_path)
    yield place
    place.close()


def refused(office: Crossing, command: Any) -> Refusal:
    with pytest.raises(Refusal) as why:
        office.do(office.ana, command)
    return why.value


def change(office: Crossing, contact: int, **what: Any) -> wire.Contact:
    found: wire.Contact = office.do(office.ana, UpdateContact(contact=contact, change=wire.ChangeContact(**what)))
    return found


def person(office: Crossing, conversation: int) -> int:
    return office.row(conversation).contact


# ---------------------------------------------------------------- suggestions


def test_the_same_number_on_another_channel_is_suggested_on_both_sides(office: Crossing) -> None:
    one, other = office.writes(ANA, "wa", name="Ana"), office.writes(ANA, "wb", name="Anita")
    office.writes(LUZ, "wb")
    [like] = office.conversation(one).suggestions
    assert (like.contact, like.name, like.reason) == (person(office, other), "Anita", "same_phone")
    assert (like.value, like.channels) == ("+50370000001", ["wb"])
    [back] = office.suggested(person(office, other))
    assert back.contact == person(office, one)


def test_what_an_advisor_notes_is_compared_too(office: Crossing) -> None:
    one, other = person(office, office.writes(ANA)), person(office, office.writes(LUZ))
    change(office, one, attributes={"teléfono de casa": "7000-0002", "correo": "Ana.Perez+casa@GMail.com"})
    assert [like.contact for like in office.suggested(other)] == [one]
    change(office, one, attributes={"teléfono de casa": None})
    assert office.suggested(other) == []
    change(office, other, attributes={"email": "anaperez@googlemail.com"})
    assert [(like.reason, like.value) for like in office.suggested(other)] == [("same_email", "anaperez@gmail.com")]


def test_the_organisations_country_reads_numbers_without_one(office: Crossing) -> None:
    guatemalan = person(office, office.writes("50255512345"))
    other = person(office, office.writes(ANA))
    office.do(office.root, UpdateOrganisation(change=wire.ChangeOrganisation(country="gt")))
    change(office, other, attributes={"celular": "5551 2345"})
    assert [like.contact for like in office.suggested(other)] == [guatemalan]
    with pytest.raises(Refusal, match="unknown_country"):
        office.do(office.root, UpdateOrganisation(change=wire.ChangeOrganisation(country="ZZ")))


def test_a_rejected_suggestion_stays_rejected_also_after_merges(office: Crossing) -> None:
    one, _, third = (person(office, office.writes(phone, "wa")) for phone in (ANA, LUZ, EVA))
    twin = person(office, office.writes(ANA, "wb"))
    office.do(office.ana, RejectSuggestion(contact=twin, other=one))
    assert office.suggested(one) == office.suggested(twin) == []
    office.merge(third, one)
    assert office.suggested(twin) == office.suggested(third) == []
    assert refused(office, RejectSuggestion(contact=third, other=one)).code == "same_contact"
    office.merge(twin, third)  # a person may change their mind
    assert office.contact(one).id == twin
    assert [event.data for event in office.events("contact.different")] == [{"contact": twin, "other": one}]


# ---------------------------------------------------------------- merging


def test_everything_of_the_other_belongs_to_the_one(office: Crossing) -> None:
    kept, gone = office.writes(ANA, "wa", name="Ana"), office.writes(ANA, "wb", name="Anita López")
    one, other = person(office, kept), person(office, gone)
    change(office, one, region="Santa Ana", attributes={"socio": "si", "dui": "1"})
    change(office, other, region="Sonsonate", language="es", attributes={"dui": "2", "tel": "7111-1111"})
    before = office.row(gone).version
    merged = office.merge(one, other)
    assert (merged.id, merged.name, merged.region, merged.language) == (one, "Ana", "Santa Ana", "es")
    assert merged.attributes == {"socio": "si", "dui": "1", "tel": "7111-1111"}
    assert [(identity.channel, identity.value) for identity in merged.identities] == [("wa", ANA), ("wb", ANA)]
    assert [(m.contact, m.name, m.proof, m.by) for m in merged.merges] == [(other, "Anita López", "advisor", "ana")]
    row = office.row(gone)
    assert (row.contact, row.contact_name) == (one, "Ana") and row.version > before
    assert office.contact(other) == merged
    assert office.suggested(one) == []
    [event] = office.events("contact.merged", conversation=gone)
    assert (event.data["into"], event.data["merged"]) == (one, other)
    history = office.ask(office.ana, History(conversation=kept))
    assert [(past.id, past.channel) for past in history.items] == [(gone, "wb")]


def test_lists_show_the_live_contact_and_search_finds_it_by_the_old_name(office: Crossing) -> None:
    kept, gone = office.writes(ANA, name="Ana Ramos"), office.writes(LUZ, name="Zulma Quintanilla")
    one = person(office, kept)
    office.merge(one, person(office, gone))
    everybody = office.ask(office.ana, ListContacts())
    assert [contact.id for contact in everybody.items] == [one]
    for words in ("Zulma", "ramos", LUZ):
        found = office.ask(office.ana, ListContacts(q=words))
        assert [contact.id for contact in found.items] == [one], words
        rows = office.ask(office.ana, ListConversations(q=words)).items
        assert {row.id for row in rows} == {kept, gone}, words


def test_a_number_for_a_name_gives_way_to_a_real_one(office: Crossing) -> None:
    kept, gone = office.writes(ANA), office.writes(LUZ, name="Luz")
    assert office.row(kept).contact_name == f"+{ANA}"
    office.merge(person(office, kept), person(office, gone))
    assert office.row(kept).contact_name == office.row(gone).contact_name == "Luz"
    assert [event.data["name"] for event in office.events("contact.updated", conversation=kept)] == ["Luz"]


def test_an_undone_merge_leaves_all_as_it_was_and_what_came_since_where_it_came(office: Crossing) -> None:
    kept, gone = office.writes(ANA, name="Ana"), office.writes(LUZ, name="Luz")
    one, other = person(office, kept), person(office, gone)
    change(office, one, attributes={"a": 1})
    change(office, other, attributes={"a": 2, "b": 3}, region="Ahuachapán")
    before = office.contact(one), office.contact(other)
    [merge] = office.merge(one, other).merges
    office.do(office.ana, ResolveConversation(conversation=gone, resolve=wire.Resolve()))
    office.now += 30 * HOUR
    since = office.writes(LUZ)
    assert since != gone and person(office, since) == one
    change(office, one, attributes={"c": 4})
    freed = office.unmerge(one, merge.id)
    assert freed == before[1]
    assert office.contact(one) == wire.Contact(**{**_fields(before[0]), "attributes": {"a": 1, "c": 4}})
    assert {person(office, id) for id in (gone, since)} == {other} and person(office, kept) == one
    assert {event.conversation for event in office.events("contact.unmerged")} == {gone, since}
    assert office.suggested(one) == []


def _fields(contact: wire.Contact) -> dict[str, Any]:
    return {name: getattr(contact, name) for name in contact.__struct_fields__}


def test_what_an_advisor_takes_away_of_a_merged_contact_stays_away(office: Crossing) -> None:
    one, other = person(office, office.writes(ANA)), person(office, office.writes(LUZ))
    change(office, other, attributes={"x": "de Luz"}, region="Usulután")
    [merge] = office.merge(one, other).merges
    changed = change(office, one, attributes={"x": None}, region="")
    assert (changed.attributes, changed.region) == ({}, "")
    assert office.unmerge(one, merge.id).attributes == {"x": "de Luz"}
    assert (office.contact(one).attributes, office.contact(one).region) == ({}, "")


def test_merges_are_undone_in_any_order(office: Crossing) -> None:
    first, second, third = (person(office, office.writes(phone, name=phone[-1])) for phone in (ANA, LUZ, EVA))
    before = [office.contact(id) for id in (first, second, third)]
    [inner] = office.merge(second, third).merges
    outer = office.merge(first, third).merges[0]  # asked of the third, it is the second that goes
    assert {office.contact(id).id for id in (second, third)} == {first}
    assert office.unmerge(first, inner.id) == before[2]
    assert office.contact(second).id == first
    assert office.unmerge(first, outer.id) == before[1]
    assert [office.contact(id) for id in (first, second, third)] == before


def test_what_cannot_be_undone_says_why(office: Crossing) -> None:
    one, other = person(office, office.writes(ANA)), person(office, office.writes(LUZ))
    [merge] = office.merge(one, other).merges
    again = office.merge(other, one)  # whoever is second, in whichever direction, finds it done
    assert (again.id, len(again.merges)) == (one, 1) and len(office.events("contact.merged")) == 1
    for contact, id in ((one, 12345), (person(office, office.writes(EVA)), merge.id)):
        with pytest.raises(Refusal, match="not_found"):
            office.unmerge(contact, id)
    office.unmerge(other, merge.id)
    with pytest.raises(Refusal, match="already_undone"):
        office.unmerge(one, merge.id)
    with pytest.raises(Refusal, match="invalid"):
        office.merge(one, one)
    with pytest.raises(Refusal, match="not_found"):
        office.merge(one, 999)


# ---------------------------------------------------------------- proven by the provider


def both(*values: str) -> tuple[Address, ...]:
    return tuple(Address("phone" if value.isdigit() else "bsuid", value) for value in values)


def test_what_the_provider_proves_is_not_undone(office: Crossing) -> None:
    one, other = person(office, office.writes(ANA)), person(office, office.writes("", addresses=both("SV.1")))
    office.tell("wa", AddressChangeFact(external_id="c", previous=both(ANA), current=both("SV.1"), at=office.now))
    [merge] = office.contact(other).merges
    assert (office.contact(other).id, merge.proof, merge.by) == (one, "provider", "")
    with pytest.raises(Refusal, match="proven_same"):
        office.unmerge(one, merge.id)


def test_a_proof_holds_together_what_an_advisor_had_merged(office: Crossing) -> None:
    one, other = person(office, office.writes(ANA)), person(office, office.writes("", addresses=both("SV.1")))
    [merge] = office.merge(one, other).merges
    office.writes(ANA, addresses=both(ANA, "SV.1"))
    with pytest.raises(Refusal, match="proven_same"):
        office.unmerge(one, merge.id)


def test_who_is_wrongly_merged_with_one_of_two_proven_the_same_goes_alone(office: Crossing) -> None:
    phone, id = person(office, office.writes(ANA)), person(office, office.writes("", addresses=both("SV.1")))
    wrong = person(office, office.writes(LUZ, "wb", name="Luz"))
    [merge] = office.merge(wrong, id).merges
    office.writes(ANA, addresses=both(ANA, "SV.1"))
    assert {office.contact(each).id for each in (phone, id, wrong)} == {phone}
    freed = office.unmerge(phone, merge.id)
    assert (freed.id, [identity.value for identity in freed.identities]) == (wrong, [LUZ])
    assert office.contact(id).id == phone
    assert {identity.value for identity in office.contact(phone).identities} == {ANA, "SV.1"}


def test_a_chain_of_address_changes_is_one_person(office: Crossing) -> None:
    ids = [office.writes("", addresses=both(f"SV.{n}")) for n in range(4)]
    for old, new in ((2, 3), (0, 1), (1, 2)):
        fact = AddressChangeFact(
            external_id=f"{old}", previous=both(f"SV.{old}"), current=both(f"SV.{new}"), at=office.now
        )
        office.tell("wa", fact)
    assert len({person(office, id) for id in ids}) == 1
    [contact] = office.ask(office.ana, ListContacts()).items
    assert len(contact.identities) == 4
    assert office.look("SELECT count(DISTINCT handle_id) AS n FROM identities")[0]["n"] == 1


def test_one_message_that_proves_three_handles_to_be_one(office: Crossing) -> None:
    for value in (ANA, "SV.1", "SV.2"):
        office.writes("", addresses=both(value))
    office.merge(2, 3)  # an advisor had guessed a part of it
    shown = office.writes("", addresses=both("SV.2", "SV.1", ANA))
    assert shown == 1 and {row.contact for row in office.rows()} == {1}


def test_what_waits_to_be_sent_to_a_proven_handle_still_goes_to_somebody(office: Crossing) -> None:
    office.writes(ANA)
    conversation = office.writes("", addresses=both("SV.1"))
    office.do(office.ana, SendReply(conversation=conversation, reply=wire.Reply(text="ya va", hold_ms=5000)))
    office.tell("wa", AddressChangeFact(external_id="c", previous=both(ANA), current=both("SV.1"), at=office.now))
    office.now += 10_000
    [attempt] = office.do(SYSTEM, LeaseOutbox(limit=5, media="/media"))
    assert {address.value for address in attempt.out.to} == {ANA, "SV.1"}


# ---------------------------------------------------------------- noting


def test_a_contact_is_changed_whatever_number_it_is_asked_by(office: Crossing) -> None:
    conversation = office.writes(ANA)
    one, other = person(office, conversation), person(office, office.writes(LUZ))
    office.merge(one, other)
    before = office.row(conversation).version
    changed = change(office, other, name="  Ana María ", region="La Libertad", language="pt-BR")
    assert (changed.id, changed.name, changed.region, changed.language) == (one, "Ana María", "La Libertad", "pt-BR")
    row = office.row(conversation)
    assert (row.contact_name, row.region) == ("Ana María", "La Libertad") and row.version > before
    told = office.events("contact.updated", conversation=conversation)[-1]
    assert told.data == {"contact": one, "name": "Ana María", "fields": ["name", "language", "region"]}
    told_before = len(office.events())
    change(office, one, name="Ana María")
    assert len(office.events()) == told_before  # nothing new


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ({"name": " "}, "invalid"),
        ({"name": "a" * 201}, "too_long"),
        ({"name": "a\x1b[31m"}, "invalid"),
        ({"region": "a\nb"}, "invalid"),
        ({"language": "español"}, "invalid"),
        ({"attributes": {"": "x"}}, "invalid"),
        ({"attributes": {" a": "x"}}, "invalid"),
        ({"attributes": {"a": "x" * 1001}}, "too_long"),
        ({"attributes": {"a": 2**60}}, "invalid"),
        ({"attributes": {str(n): n for n in range(51)}}, "too_many"),
    ],
)
def test_what_a_contact_cannot_be(office: Crossing, what: dict[str, Any], code: str) -> None:
    contact = person(office, office.writes(ANA))
    assert refused(office, UpdateContact(contact=contact, change=wire.ChangeContact(**what))).code == code


# ---------------------------------------------------------------- whatever happens


class People(RuleBasedStateMachine):
    """Numbers write on two channels; advisors merge and undo as they like; the provider proves what it wants."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.office = Crossing(Path(self.folder.name))
        self.written = 0

    def teardown(self) -> None:
        self.office.close()
        self.folder.cleanup()

    ids = st.integers(min_value=1, max_value=8)
    numbers = st.integers(min_value=1, max_value=4)
    channels = st.sampled_from(["wa", "wb"])

    @rule(number=numbers, channel=channels, hours=st.sampled_from([0, 30]))
    def writes(self, number: int, channel: str, hours: int) -> None:
        self.office.now += hours * HOUR
        self.office.writes(f"5037000000{number}", channel)
        self.written += 1

    @rule(number=numbers, other=numbers, channel=channels)
    def is_proven(self, number: int, other: int, channel: str) -> None:
        self.office.writes("", channel, addresses=both(f"5037000000{number}", f"SV.{other}"))
        self.written += 1

    @rule(conversation=st.integers(min_value=1, max_value=6))
    def resolves(self, conversation: int) -> None:
        with contextlib.suppress(Refusal):
            self.office.do(self.office.rosa, ResolveConversation(conversation=conversation, resolve=wire.Resolve()))

    @rule(contact=ids, value=st.integers(min_value=0, max_value=3))
    def notes(self, contact: int, value: int) -> None:
        with contextlib.suppress(Refusal):
            change(self.office, contact, attributes={f"k{value}": value or None}, region=str(value))

    @rule(contact=ids, other=ids)
    def merges(self, contact: int, other: int) -> None:
        with contextlib.suppress(Refusal):
            self.office.merge(contact, other)

    @rule(contact=ids, other=ids)
    def merges_and_takes_it_back(self, contact: int, other: int) -> None:
        before = self.everything()
        try:
            one, two = self.office.contact(contact), self.office.contact(other)
        except Refusal:
            return
        if one.id == two.id:
            return
        merged = self.office.merge(one.id, two.id)
        freed = self.office.unmerge(one.id, merged.merges[0].id)
        assert freed == two and self.office.contact(one.id) == one
        assert self.everything() == before

    def everything(self) -> list[Any]:
        """Whose everything is."""
        tables = (
            "SELECT id, contact_id, handle_id, origin_id, kind, value FROM identities ORDER BY id",
            "SELECT id, contact_id, handle_id, thread, state FROM conversations ORDER BY id",
            "SELECT id, name, language, region, attributes, merged_into FROM contacts"
            " WHERE merged_into IS NULL ORDER BY id",
            "SELECT id, merged_into FROM contacts ORDER BY id",
            "SELECT * FROM noted_likenesses ORDER BY likeness, contact_id",
        )
        return [[tuple(row) for row in self.office.look(sql)] for sql in tables]

    @rule(conversation=st.integers(min_value=1, max_value=6), other=st.integers(min_value=1, max_value=6))
    def joins(self, conversation: int, other: int) -> None:
        with contextlib.suppress(Refusal):
            self.office.join(conversation, other, self.office.rosa)

    @rule(data=st.data())
    def splits(self, data: st.DataObject) -> None:
        joined = self.office.look("SELECT merged_into, id FROM conversations WHERE merged_into IS NOT NULL")
        if joined:
            with contextlib.suppress(Refusal):
                self.office.split(*data.draw(st.sampled_from([tuple(row) for row in joined])))

    @rule(data=st.data())
    def undoes(self, data: st.DataObject) -> None:
        merges = self.office.look("SELECT id, into_id FROM merges")
        if merges:
            merge = data.draw(st.sampled_from([tuple(row) for row in merges]))
            with contextlib.suppress(Refusal):
                self.office.unmerge(merge[1], merge[0])

    @invariant()
    def each_address_belongs_to_one_live_contact(self) -> None:
        wrong = self.office.look(
            "SELECT i.id FROM identities i JOIN contacts k ON k.id = i.contact_id WHERE k.merged_into IS NOT NULL"
        )
        assert [row["id"] for row in wrong] == []
        split = self.office.look(
            "SELECT handle_id FROM identities GROUP BY handle_id"
            " HAVING count(DISTINCT contact_id) + count(DISTINCT origin_id) + count(DISTINCT channel_id) > 3"
        )
        assert split == []

    @invariant()
    def who_was_merged_points_to_a_live_contact(self) -> None:
        assert not self.office.look(
            "SELECT 1 FROM contacts c JOIN contacts k ON k.id = c.merged_into WHERE k.merged_into IS NOT NULL"
        )

    @invariant()
    def conversations_go_with_their_handle(self) -> None:
        assert not self.office.look(
            "SELECT c.id FROM conversations c WHERE NOT EXISTS (SELECT 1 FROM identities i"
            " WHERE i.handle_id = c.handle_id AND i.contact_id = c.contact_id AND i.channel_id = c.channel_id)"
        )

    @invariant()
    def conversations_that_are_one_are_of_one_contact(self) -> None:
        assert not self.office.look(
            "SELECT c.id FROM conversations c JOIN conversations i ON i.id = c.merged_into"
            " WHERE i.contact_id <> c.contact_id"
        )

    @invariant()
    def no_message_is_lost(self) -> None:
        [row] = self.office.look("SELECT count(*) AS n FROM messages WHERE direction = 'in'")
        assert row["n"] == self.written


People.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestPeople = People.TestCase
