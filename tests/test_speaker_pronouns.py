"""Whom "he", "it", "they" and "who" mean, and where they stay unresolved."""

from __future__ import annotations

import pytest

from resolved_names import names


def test_the_subject_of_the_main_clause_is_meant_not_that_of_what_it_says() -> None:
    assert names("Tom Reed said John Lee was wrong, and he came back to it.", "he") == ["Tom Reed"]


def test_the_pronoun_of_a_leading_clause_means_the_subject_that_follows() -> None:
    assert names("It was late.\n\nAfter he left the hall, Pastor Tom Reed went home.", "he") == ["Tom Reed"]
    assert names("In addition to his remarks, Tom Reed spoke of jobs.", "his") == ["Tom Reed"]


def test_a_pronoun_passes_over_people_of_the_other_gender() -> None:
    assert names("Tom Reed came. Ann Lee said no. He said yes.", "Ann Lee", "He") == ["Ann Lee", "Tom Reed"]


def test_a_first_name_of_women_and_men_is_she_and_he() -> None:
    for pronoun in ("He", "She"):
        assert names(f"Jo Hart, the union’s leader, came. {pronoun} said no.", pronoun) == ["Jo Hart"]


def test_a_name_without_gender_takes_it_from_the_pronoun_in_its_sentence() -> None:
    text = "Luay Samir, 33, came with his son. Ann Lee spoke. He said no."
    assert names(text, "He") == ["Luay Samir"]


def test_who_means_what_stands_right_before() -> None:
    text = "Tom Reed (who left early) met Ann Lee, a lawyer from Utah who said no, and voters who cheered."
    assert names(text, "who", "who", "who") == ["Tom Reed", "Ann Lee", "voters"]


def test_who_before_a_plural_verb_means_both() -> None:
    assert names("We heard Tom Reed and Ann Lee, who show sense.", "who") == ["Tom Reed and Ann Lee"]
    assert names("We heard Tom Reed and Ann Lee, who was late.", "who") == ["Ann Lee"]


def test_who_in_a_predicate_means_the_subject() -> None:
    assert names("Tom Reed is a liar and a bully who has vowed to win.", "who") == ["Tom Reed"]


def test_that_means_the_thing_before_it() -> None:
    text = "She set up a website called “Moving North” that pitches the island. The website says more."
    assert names(text, "that", "The website") == ["Moving North", "Moving North"]
    assert names("He gave to Ahead42, a group that plans to win.", "that") == ["Ahead42"]


def test_that_which_begins_a_sentence_is_nobody() -> None:
    assert names("The group met. That does not mean it agrees.", "That") == [None]


def test_it_means_the_organisation_that_the_sentence_before_is_about() -> None:
    text = (
        "The Water Bureau counts.\n\nResearchers found a paper that forced the bureau to speak. Even so, it denied all."
    )
    assert names(text, "Researchers", "it") == ["Researchers", "Water Bureau"]


def test_they_means_the_two_whom_the_sentence_before_is_about() -> None:
    assert names("Tom Reed and Ann Lee are in the race. They said no.", "They") == ["Tom Reed and Ann Lee"]


def test_a_company_is_no_he_or_she() -> None:
    assert names("Ann Reed used the app. Tinkr spoke up. She said more.", "Tinkr", "She") == ["Tinkr", "Ann Reed"]
    assert names("KXNG said no. He said more.", "KXNG", "He")[1] != "Ann Reed"


def test_a_person_without_a_name_may_be_meant_by_a_pronoun() -> None:
    assert names("A woman said no. She said more.", "A woman", "She") == ["woman", "woman"]


def test_the_email_is_said_by_whoever_is_named_as_its_sender() -> None:
    text = "An email was sent from the director, Ann Lee, to all. The email said no."
    assert names(text, "The email") == ["Ann Lee"]
    assert names("Ann Lee came. The email said no.", "The email") == ["email"]


@pytest.mark.parametrize("line_end", ["\n", "\n\n", "\r\n", "\r\n\r\n", "\n \n", "\n\n\n\n", "\r", "\u2029"])
def test_how_lines_end_does_not_change_who_is_meant(line_end: str) -> None:
    said = ["Ann Lee said that the plan is dead.", "The hall was full.", "She said that the town will be fine."]
    assert names(line_end.join(said), "She") == ["Ann Lee"]
    late = [said[0], "The hall was full.", "It was late.", "Nobody came.", said[2]]
    assert names(line_end.join(late), "Ann Lee", "She") == ["Ann Lee", None]
    two = ["Tom Reed and Ann Reed live in Ohio.", "It was late.", "Bob Ray left.", "Ann Reed came.", "“No,” Reed said."]
    assert names(line_end.join(two), "Reed| said") == ["Ann Reed"]
