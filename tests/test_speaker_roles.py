"""Whom a role means that nobody bears, and where it stays unresolved: a wrong one puts a view on the other side."""

from __future__ import annotations

import pytest

from resolved_names import names

LEADERS = "Israeli Prime Minister Benjamin Netanyahu met U.S. President Donald Trump. "


def test_another_word_for_a_role_means_the_one_of_that_country() -> None:
    text = (
        LEADERS
        + "The prime minister said no. The president said yes. The Israeli leader said more. The U.S. leader left."
    )
    assert names(text, "The prime minister", "The president", "The Israeli leader", "The U.S. leader") == [
        "Benjamin Netanyahu",
        "Donald Trump",
        "Benjamin Netanyahu",
        "Donald Trump",
    ]


@pytest.mark.parametrize("role", ["The French president", "The French leader", "The foreign minister", "The senator"])
def test_a_role_of_another_country_or_office_is_nobody_of_those_who_are_named(role: str) -> None:
    assert names(f"{LEADERS}{role} said more.", role) == [None]


def test_a_country_alone_does_not_make_a_leader() -> None:
    text = "Israeli journalist Amos Harel met U.S. President Donald Trump. The Israeli leader said more."
    assert names(text, "The Israeli leader") == [None]


@pytest.mark.parametrize("role", ["The senator", "The prime minister", "The leader"])
def test_who_has_a_role_gets_no_other(role: str) -> None:
    assert names(f"Ann Lee, a nurse, said no. {role} said more. The nurse left.", role, "The nurse") == [
        None,
        "Ann Lee",
    ]


@pytest.mark.parametrize("role", ["The Israeli leader", "The prime minister", "The Republican senator"])
def test_what_nothing_says_of_a_person_is_not_given_to_them(role: str) -> None:
    assert names(f"Tom Reed said no. {role} said more.", "Tom Reed", role) == ["Tom Reed", None]


def test_a_role_with_what_it_is_a_role_of_is_a_speaker_of_its_own() -> None:
    text = "Tom Reed said no. The leader of the opposition said yes. The president of Harvard said more."
    assert names(text, "The leader of the opposition", "The president of Harvard") == [
        "leader of the opposition",
        "president of Harvard",
    ]


def test_the_one_whom_an_article_is_about_needs_no_telling() -> None:
    text = "Sanders speaks of banks.\n\nTom Sanders met Ann Lee. Sanders left. Sanders said no. The Vermont senator said more."
    assert names(text, "The Vermont senator") == ["Tom Sanders"]
    assert names(text.replace("Vermont", "Israeli"), "The Israeli senator") == [None]


def test_what_anyone_may_be_besides_speaks_against_no_role() -> None:
    text = "Tom Reed, a billionaire, said no. The senator said more."
    assert names(text, "The senator") == ["Tom Reed"]
    assert names("Sen. Tom Reed said no. The billionaire said more.", "The billionaire") == ["Tom Reed"]


def test_whom_someone_works_for_tells_no_role_of_theirs() -> None:
    text = "Gary Byrne, a former agent for President Bill Dorr, has written a book. The president said no."
    assert names(text, "The president") == ["Bill Dorr"]


def test_the_role_of_the_one_named_before_is_not_that_of_the_one_behind() -> None:
    text = "Israeli Prime Minister Benjamin Netanyahu met French President Paul Macron. The prime minister said no."
    assert names(f"{text} The Israeli leader left.", "The prime minister", "The Israeli leader") == [
        "Benjamin Netanyahu",
        "Benjamin Netanyahu",
    ]


def test_an_age_tells_nothing_of_a_role() -> None:
    assert names("Sen. Ted Dorr said no. The 59-year-old senator left.", "The 59-year-old senator") == ["Ted Dorr"]
    assert names("Tom Reed said no. The 59-year-old senator left.", "The 59-year-old senator") == ["Tom Reed"]
