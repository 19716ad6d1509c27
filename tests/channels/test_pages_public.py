"""Public comments, reviews and mentions, as facts."""

from __future__ import annotations

from typing import Any

import pytest

from server.facts import Address, EditFact, HideFact, MessageFact, NoticeFact, RevokeFact
from tests.channels.pages import IG, PAGE, PERSON, SENT, change, comment, facts, ig_comment, only

# ---------------------------------------------------------------- Facebook


def test_a_comment() -> None:
    fact = only(comment(post={"permalink_url": "https://www.facebook.com/1"}))
    assert isinstance(fact, MessageFact)
    assert (fact.external_id, fact.kind, fact.text) == ("1_2", "text", "¿qué tasa tienen?")
    assert (fact.surface, fact.thread) == ("comment", f"post:{PAGE}_1:{PERSON}")
    assert (fact.party.addresses, fact.party.name) == ((Address("psid", PERSON),), "María")
    assert (fact.reply_to, fact.echo, fact.at) == ("", False, SENT // 1000 * 1000)
    assert fact.data == {"post_id": f"{PAGE}_1", "comment_id": "1_2", "permalink": "https://www.facebook.com/1"}
    assert fact.subject == "https://www.facebook.com/1"


def test_an_answer_of_a_person_to_a_comment_stays_in_their_own_thread() -> None:
    fact = only(comment(comment_id="1_3", parent_id="1_2", author="7002"))
    assert (fact.reply_to, fact.thread) == ("1_2", f"post:{PAGE}_1:7002")


@pytest.mark.parametrize(("field", "kind"), [("photo", "image"), ("video", "video")])
def test_a_comment_with_a_file(field: str, kind: str) -> None:
    fact = only(comment(**{field: "https://scontent.xx.fbcdn.net/1", "message": ""}))
    assert (fact.kind, [each.kind for each in fact.media]) == (kind, [kind])


def test_somebody_who_hides() -> None:
    hidden: dict[str, Any] = {"from": None}
    fact = only(comment(**hidden))
    assert fact.party.addresses == (Address("comment", "1_2"),)
    assert fact.thread == f"post:{PAGE}_1:1_2"


def test_the_pages_own_answer_is_an_echo_in_the_thread_it_answers() -> None:
    fact = only(comment(author=PAGE, comment_id="1_3", parent_id="1_2"))
    assert (fact.echo, fact.ours, fact.references, fact.reply_to) == (True, True, ("1_2",), "1_2")
    assert (fact.party.addresses, fact.thread, fact.via) == ((), "", "Business Suite")


def test_the_pages_own_comment_that_answers_nobody_is_a_notice() -> None:
    fact = only(comment(author=PAGE))
    assert isinstance(fact, NoticeFact)
    assert fact.kind == "own_comment"


@pytest.mark.parametrize(("verb", "type"), [("edited", EditFact), ("remove", RevokeFact)])
def test_what_becomes_of_a_comment(verb: str, type: Any) -> None:
    fact = only(comment(verb, message="corregido"))
    assert fact.__class__ is type
    assert (fact.target, fact.thread, fact.surface) == ("1_2", f"post:{PAGE}_1:{PERSON}", "comment")
    if verb == "edited":
        assert fact.text == "corregido"
        assert only(comment(verb, message="otra vez")).external_id != fact.external_id


@pytest.mark.parametrize("verb", ["hide", "unhide"])
def test_hidden_and_shown_again(verb: str) -> None:
    fact = only(comment(verb))
    assert isinstance(fact, HideFact)
    assert (fact.target, fact.hidden) == ("1_2", verb == "hide")


def test_what_becomes_of_our_own_comments_matters_only_if_we_have_them() -> None:
    assert only(comment("remove", author=PAGE)).party.addresses == ()


@pytest.mark.parametrize("item", ["like", "reaction", "share", "status", "photo", "video", "album", "event"])
@pytest.mark.parametrize("verb", ["add", "edited", "remove", "hide"])
def test_noise_makes_nothing(item: str, verb: str) -> None:
    own: dict[str, Any] = {"from": {"id": PAGE, "name": "Coop"}, "post_id": f"{PAGE}_1", "message": "Nuestra feria"}
    assert facts(change("feed", item=item, verb=verb, **own)) == []


def test_what_a_visitor_posts_on_the_page_is_a_public_message() -> None:
    post: dict[str, Any] = {"item": "post", "verb": "add", "post_id": f"{PAGE}_9", "message": "¡Pésimo servicio!"}
    post |= {"from": {"id": PERSON, "name": "María"}, "created_time": SENT // 1000}
    fact = only(change("feed", **post))
    assert (fact.external_id, fact.text, fact.surface) == (f"{PAGE}_9", "¡Pésimo servicio!", "comment")
    assert (fact.data["visitor_post"], fact.thread) == (True, f"post:{PAGE}_9:{PERSON}")
    assert isinstance(only(change("feed", **{**post, "verb": "remove"})), RevokeFact)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"rating": 3, "review_text": "Bien"}, "★★★☆☆\nBien"),
        ({"recommendation_type": "NEGATIVE", "review_text": "Mal"}, "👎\nMal"),
        ({"rating": 900}, ""),
    ],
)
def test_reviews(given: dict[str, Any], text: str) -> None:
    review: dict[str, Any] = {
        "item": "rating",
        "verb": "add",
        "open_graph_story_id": 9,
        "reviewer_id": 7001,
        "reviewer_name": "Ana",
    }
    fact = only(change("ratings", **review, **given))
    assert (fact.external_id, fact.kind, fact.text) == ("9", "review", text)
    assert (fact.thread, fact.surface, fact.party.name) == ("ratings:7001", "comment", "Ana")
    edit = only(change("ratings", **{**review, **given, "verb": "edit"}))
    assert (edit.target, edit.text) == ("9", text)


def test_a_review_of_somebody_who_hides() -> None:
    review: dict[str, Any] = {"item": "rating", "verb": "add", "open_graph_story_id": 9, "review_text": "Bien"}
    fact = only(change("ratings", **review))
    assert (fact.party.addresses, fact.thread) == ((Address("comment", "9"),), "ratings:9")


def test_a_mention_of_the_page() -> None:
    fact = only(change("mention", item="comment", verb="add", comment_id="5_6", post_id="5", message="@Coop ayuda"))
    assert (fact.text, fact.data["mention"], fact.thread) == ("@Coop ayuda", True, "post:5:5_6")
    post = only(change("mention", item="post", verb="add", post_id="5_7", message="@Coop", sender_id=7001))
    assert (post.external_id, post.thread) == ("5_7", "post:5_7:7001")


def test_other_fields_are_notices() -> None:
    lead = only(change("leadgen", leadgen_id="1", form_id="2"))
    assert isinstance(lead, NoticeFact)
    assert (lead.kind, lead.data["leadgen_id"]) == ("leadgen", "1")


# ---------------------------------------------------------------- Instagram


def test_a_comment_on_instagram() -> None:
    fact = only(ig_comment())
    assert (fact.external_id, fact.text, fact.thread) == ("179", "¿precio?", f"post:55:{PERSON}")
    assert (fact.party.addresses, fact.party.username) == ((Address("igsid", PERSON),), "maria")
    assert fact.data == {"post_id": "55", "comment_id": "179", "place": "FEED"}
    assert (fact.account, fact.surface) == (IG, "comment")


def test_a_boosted_post_is_one_post() -> None:
    boosted = {"id": "77", "media_product_type": "AD", "ad_id": "6", "ad_title": "Feria", "original_media_id": "55"}
    fact = only(ig_comment(media=boosted))
    plain = only(ig_comment())
    assert (fact.external_id, fact.thread) == (plain.external_id, plain.thread)
    assert (fact.subject, fact.campaign["ad_id"], fact.data["ad_title"]) == ("Feria", "6", "Feria")


def test_the_accounts_own_answer() -> None:
    fact = only(ig_comment(IG, id="180", parent_id="179"))
    assert (fact.echo, fact.ours, fact.references, fact.via) == (True, True, ("179",), "Instagram")
    scoped: dict[str, Any] = {"from": {"id": "999", "username": "coop", "self_ig_scoped_id": "999"}}
    assert only(ig_comment(id="180", parent_id="179", **scoped)).echo is True
    assert isinstance(only(ig_comment(IG)), NoticeFact)


def test_live_comments_and_mentions() -> None:
    assert only(ig_comment(field="live_comments")).data["live"] is True
    mention = only(change("mentions", "instagram", media_id="88", comment_id="181"))
    assert (mention.kind, mention.external_id, mention.thread) == ("mention", "181", "post:88:181")
    assert mention.data == {"post_id": "88", "mention": True, "comment_id": "181"}
    caption = only(change("mentions", "instagram", media_id="88"))
    assert caption.external_id == "mention:88"


def test_an_entry_that_is_its_own_change() -> None:
    import msgspec

    value = {"id": "179", "text": "hola", "from": {"id": PERSON, "username": "m"}, "media": {"id": "55"}}
    body = {"object": "instagram", "entry": [{"id": IG, "time": SENT, "field": "comments", "value": value}]}
    assert only(msgspec.json.encode([body])).text == "hola"
