"""What speakers without a name of their own are called, and organisations that are named in part."""

from __future__ import annotations

import pytest

from quotestance.models.speakers.described import description
from resolved_names import names


@pytest.mark.parametrize(
    ("mention", "name"),
    [
        ("A poll from Hill Law School released Wednesday", "poll from Hill Law School"),
        ("A number of GOP delegates", "number of GOP delegates"),
        ("the anti-tax movement", "anti-tax movement"),
        ("the dollar", "dollar"),
        ("advocates within the trade", "advocates within the trade"),
        ("Students at a school in Lima, Ohio,", "Students at a school in Lima, Ohio"),
        ("national and local polls respectively", "national and local polls"),
        ("emails unearthed in the case", "emails unearthed in the case"),
        ("how many clerks", "clerks"),
        ("those who came", "those who came"),
        ("Lee’s spokesman", "Lee’s spokesman"),
        ("expectation", None),
        ("the senator", None),
        ("his reaction", None),
    ],
)
def test_a_description_keeps_its_words_but_not_its_times(mention: str, name: str | None) -> None:
    assert description(mention) == name


@pytest.mark.parametrize(
    ("mention", "name"),
    [
        ("A producer for Yellow Studios", "producer for Yellow Studios"),
        ("fellow GOP hopefuls", "fellow GOP hopefuls"),
        ("31 Canadians", "31 Canadians"),
        ("a rights group called Color of Hope", "Color of Hope"),
        ("Black Lives Count", "Black Lives Count"),
    ],
)
def test_capitals_in_a_description_are_not_taken_for_the_speaker(mention: str, name: str) -> None:
    assert names(f"{mention} said no.", mention) == [name]


def test_a_part_of_an_organisations_name_means_the_whole() -> None:
    text = (
        "The Water Bureau came. He asked the U.S. State Department. The Water said no. The State Department said yes."
    )
    assert names(text, "The Water said"[:9], "The State Department") == ["Water Bureau", "U.S. State Department"]


def test_any_group_may_be_the_group_but_no_newspaper() -> None:
    text = "Justice Watch said no. The Lima Times said yes. The group said more."
    assert names(text, "Justice Watch", "The Lima Times", "The group") == [
        "Justice Watch",
        "Lima Times",
        "Justice Watch",
    ]


def test_a_newspaper_without_a_name_is_the_only_one_that_is_named() -> None:
    text = "A Utah newspaper said no.\n\nThat is how the editors of The Advocate see it. The editorial said more."
    assert names(text, "A Utah newspaper", "The editorial") == ["The Advocate", "The Advocate"]


def test_a_camp_is_the_campaign_as_the_text_has_it() -> None:
    assert names("Reed camp: no. Lee works for Reed’s presidential campaign.", "Reed camp") == [
        "Reed’s presidential campaign"
    ]


def test_what_belongs_to_someone_known_is_called_by_the_owner() -> None:
    assert names("Tom Reed came. His campaign said no. Reed’s campaign is small.", "His campaign") == [
        "Reed’s campaign"
    ]


def test_a_union_is_told_by_whom_it_represents() -> None:
    text = "The nurses' union said no. The American Association of Nurses is small. The union said more."
    assert names(text, "The nurses' union", "The union") == ["American Association of Nurses"] * 2


def test_names_of_organisations_keep_their_signs() -> None:
    text = "An NBC News/Wall Street Journal poll released Monday says no. The U.S. agrees."
    assert names(text, "An NBC News/Wall Street Journal poll released Monday", "The U.S.") == [
        "NBC News/Wall Street Journal poll",
        "U.S.",
    ]
