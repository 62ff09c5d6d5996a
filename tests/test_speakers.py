"""Who is meant: names, titles, roles and pronouns of small articles, and what is left unresolved."""

from __future__ import annotations

from quotestance.data.records import Article, Quote, QuoteSpeaker, Span, Speaker
from quotestance.models.speakers import resolve_speakers
from resolved_names import names, resolved


def test_full_name_surname_and_pronoun_are_one_speaker_without_honorifics() -> None:
    article = resolved("Sen. Ann Lee said no. Lee said why. She added more.", "Sen. Ann Lee", "Lee", "She")
    assert {quote.speaker.id for quote in article.quotes} == {"lee"}
    assert article.speakers[0].name == "Ann Lee"


def test_a_role_said_of_a_name_means_its_bearer() -> None:
    text = "Ahmad Rezai, chairman of the Water Board, said no.\n\nThe chairman said more. Leader of the Union Ali Karimi disagreed. The leader said so."
    assert names(
        text, "Ahmad Rezai, chairman of the Water Board", "The chairman", "Leader of the Union Ali Karimi", "The leader"
    ) == ["Ahmad Rezai", "Ahmad Rezai", "Ali Karimi", "Ali Karimi"]


def test_a_title_tells_the_role() -> None:
    text = "Ayatollah Hadi Rezai spoke. Ayatollah Rezai said no.\n\nThe cleric said more."
    assert names(text, "Ayatollah Rezai", "The cleric") == ["Hadi Rezai", "Hadi Rezai"]


def test_the_role_of_the_lead_gets_the_name_that_follows() -> None:
    text = "Chairman of the Water Board said no.\n\nAddressing a session of the Water Board, Dr. Hadi Rezai said more."
    assert names(text, "Chairman of the Water Board", "Dr. Hadi Rezai") == ["Hadi Rezai", "Hadi Rezai"]


def test_spellings_of_one_name_are_one_person() -> None:
    article = resolved(
        "Seyed Ali Karimi said no. Ayatollah Seyyed Ali Karimmi said more.",
        "Seyed Ali Karimi",
        "Ayatollah Seyyed Ali Karimmi",
    )
    assert len(article.speakers) == 1


def test_two_people_of_one_surname_are_told_apart_by_their_titles() -> None:
    text = "Mary Stone met John Stone. Mrs. Stone said no. Mr. Stone said yes."
    assert names(text, "Mrs. Stone", "Mr. Stone") == ["Mary Stone", "John Stone"]


def test_a_bare_surname_of_two_is_unresolved() -> None:
    text = "Mary Stone met John Stone in town.\n\n“No,” Stone’s answer was."
    start = text.index("Stone’s")
    quote = Quote(id="q1", speaker=QuoteSpeaker(mention=Span.of(text, start, start + 5)))
    assert resolve_speakers(Article(id="a", text=text, quotes=(quote,))).quotes[0].speaker.id is None


def test_a_pronoun_takes_the_speaker_of_its_gender() -> None:
    text = "John Stone said no. Mary Reed said yes. She said more."
    assert names(text, "John Stone", "Mary Reed", "She") == ["John Stone", "Mary Reed", "Mary Reed"]
    assert names("Mary Reed said yes. He said more.", "Mary Reed", "He") == ["Mary Reed", None]


def test_a_pronoun_means_the_subject_of_the_sentence_before() -> None:
    assert names("Mary Reed came to town on Monday. She said more.", "She") == ["Mary Reed"]


def test_organisations_are_speakers_also_by_their_letters_and_by_their_noun() -> None:
    text = "The International Monetary Fund said no. The IMF said yes. The fund said so again. It was late."
    assert names(text, "The International Monetary Fund", "The IMF", "The fund") == ["International Monetary Fund"] * 3


def test_a_speaker_without_a_name_is_called_by_the_description() -> None:
    text = "Some city officials, who came late, said yes. A new poll showed no. The poll said more."
    assert names(text, "Some city officials, who came late", "A new poll", "The poll") == [
        "Some city officials",
        "new poll",
        "new poll",
    ]


def test_unknown_stays_unknown() -> None:
    assert names("He said no. The senator said yes. Her aide said more.", "He", "The senator", "Her aide") == [
        None,
        None,
        None,
    ]


def test_a_role_that_nobody_bears_is_another_word_for_who_was_spoken_of() -> None:
    assert names("Mary Reed said no. The senator said more.", "Mary Reed", "The senator") == ["Mary Reed", "Mary Reed"]


def test_people_are_not_taken_for_organisations_or_places() -> None:
    text = "Mayor Bill de Blasio said no. De Blasio said more. Dan McLaughlin at the National Review said yes."
    assert names(text, "Mayor Bill de Blasio", "De Blasio", "Dan McLaughlin at the National Review") == [
        "Bill de Blasio",
        "Bill de Blasio",
        "Dan McLaughlin",
    ]


def test_speakers_and_ids_that_the_article_has_are_kept() -> None:
    text = "Ann Lee said no. Lee said more."
    quotes = (
        Quote(id="q1", speaker=QuoteSpeaker(id="boss", mention=Span.of(text, 0, 7))),
        Quote(id="q2", speaker=QuoteSpeaker(mention=Span.of(text, 17, 20))),
    )
    article = resolve_speakers(
        Article(id="a", text=text, speakers=(Speaker(id="boss", name="Ann Lee"),), quotes=quotes)
    )
    assert [quote.speaker.id for quote in article.quotes] == ["boss", "boss"]
    assert [speaker.id for speaker in article.speakers] == ["boss"]


def test_an_article_without_quotes_or_text_is_returned_as_it_is() -> None:
    bare = Article(id="a", text=None, text_ref={"corpus": "polnear"})
    assert resolve_speakers(bare) is bare
