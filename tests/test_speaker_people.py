"""Whom names and roles mean: surnames of two, full names that stand elsewhere, titles, appositions, authors, joined people."""

from __future__ import annotations

import pytest

from quotestance.models.speakers.first_names import EITHER, FEMALE, MALE
from resolved_names import names


def test_a_surname_of_two_means_the_one_who_dominates() -> None:
    text = (
        "Ann Reed opens her campaign.\n\nAnn Reed came to Ohio. She spoke of jobs.\n\n"
        "The law is from the years under Governor Tom Reed.\n\nThe vote was late.\n\n“No,” Reed said."
    )
    assert names(text, "Reed| said") == ["Ann Reed"]


def test_a_surname_of_two_means_the_one_whose_full_name_led_the_paragraph_before() -> None:
    text = "Tom Reed and Ann Reed live in Ohio.\n\nIt was late.\n\nBob Ray left.\n\nAnn Reed came.\n\n“No,” Reed said."
    assert names(text, "Reed| said") == ["Ann Reed"]


def test_the_relative_in_an_apposition_does_not_share_the_surname() -> None:
    text = (
        "It was late.\n\nOne said no.\n\nJoan Pitt, mother of soldier Sean Pitt, was there.\n\n“She lied,” Pitt said."
    )
    assert names(text, "Pitt| said") == ["Joan Pitt"]


def test_the_speaker_is_not_the_one_of_the_surname_whom_the_sentence_names() -> None:
    text = "Tom Reed met Ann Reed.\n\n“She will win,” Reed declared of Ann Reed."
    assert names(text, "Reed| declared") == ["Tom Reed"]


def test_a_full_name_that_stands_later_is_the_name_of_the_surname() -> None:
    text = "Grosch said no. It was late. Luan Grosch, 33, came home."
    assert names(text, "Grosch") == ["Luan Grosch"]
    assert names("Grosch said no. Medal winner Luan Grosch came home.", "Grosch") == ["Luan Grosch"]


def test_ranks_and_states_are_no_part_of_a_name() -> None:
    text = "Retired Army Sgt. 1st Class Bo Dunn said no. Ohio Sen. Ted Dorr said yes. Filmmaker Jack Marr agreed."
    assert names(text, "Retired Army Sgt. 1st Class Bo Dunn", "Ohio Sen. Ted Dorr", "Filmmaker Jack Marr") == [
        "Bo Dunn",
        "Ted Dorr",
        "Jack Marr",
    ]


def test_offices_are_no_part_of_a_name() -> None:
    text = (
        "Former Secretary of State Ann Reed came. Former secretary of State Reed spoke. AG Reed left. The judge left."
    )
    mentions = ("Former Secretary of State Ann Reed", "Former secretary of State Reed", "AG Reed")
    assert names(text, *mentions) == ["Ann Reed"] * 3


def test_a_judge_is_not_whoever_was_spoken_of() -> None:
    assert names("Mary Reed spoke. The mother said more. His aide said so.", "Mary Reed", "The mother", "His aide") == [
        "Mary Reed",
        None,
        None,
    ]


def test_titles_and_roles_may_be_surnames() -> None:
    text = "Mr. White came. Paul Singer, a banker, said so. Peter T. King agreed. King said more. Ms. Singer left."
    assert names(text, "Mr. White", "Paul Singer, a banker,", "Peter T. King", "King") == [
        "White",
        "Paul Singer",
        "Peter King",
        "Peter King",
    ]


def test_roles_in_capitals_before_a_name_are_no_part_of_it() -> None:
    text = "Icon Ann Lee spoke. Chief of Staff Tom Reed came. Co-moderator Bob Ray left. Lee spoke. Maybe Reed did."
    assert names(text, "Icon Ann Lee", "Chief of Staff Tom Reed", "Co-moderator Bob Ray", "Lee", "Reed") == [
        "Ann Lee",
        "Tom Reed",
        "Bob Ray",
        "Ann Lee",
        "Tom Reed",
    ]


def test_a_long_run_of_capitals_ends_in_the_person() -> None:
    assert names("Former Red Clay Grand Wizard David Dook said no.", "Red Clay Grand Wizard David Dook") == [
        "David Dook"
    ]


def test_a_headline_in_capitals_tells_no_names() -> None:
    text = "Ann Reed Is Now In Ohio For Good.\n\nAnn Reed came to Ohio. Reed said no."
    assert names(text, "Reed| said") == ["Ann Reed"]


def test_a_misspelt_surname_means_its_only_likeness() -> None:
    assert names("Gary Byrnes, a writer, said no. Brynes said more.", "Gary Byrnes", "Brynes") == ["Gary Byrnes"] * 2


def test_a_spokesman_for_someone_is_not_that_person() -> None:
    text = "A spokesman for Sen. Ted Dorr said no. The spokesman said more. Supporters of Democrat Ann Reed said yes."
    assert names(text, "A spokesman for Sen. Ted Dorr", "The spokesman", "Supporters of Democrat Ann Reed") == [
        "spokesman for Sen. Ted Dorr",
        "spokesman for Sen. Ted Dorr",
        "Supporters of Democrat Ann Reed",
    ]


def test_a_role_before_a_comma_is_the_named_person() -> None:
    text = "The club's director, Ann Lee, said no. The director said more. The French minister, Lova Rohal, agreed."
    assert names(text, "The club's director, Ann Lee,", "The director", "The French minister, Lova Rohal,") == [
        "Ann Lee",
        "Ann Lee",
        "Lova Rohal",
    ]


def test_focus_words_are_no_part_of_a_mention() -> None:
    assert names("Tom Reed left. Even Reed said so.", "Even Reed") == ["Tom Reed"]


def test_names_in_a_joined_mention_are_completed() -> None:
    text = (
        "Ann Lee met Bob Ray. Lee and her advisers said no. Lee, Ray came. The rivals, Ann Lee and Sen. Bob Ray, left."
    )
    assert names(text, "Lee and her advisers", "Lee, Ray", "The rivals, Ann Lee and Sen. Bob Ray,") == [
        "Ann Lee and her advisers",
        "Ann Lee and Bob Ray",
        "Ann Lee and Bob Ray",
    ]


def test_i_is_the_author_whom_the_last_paragraph_names() -> None:
    text = "I think so. “I do not,” he said. We agree.\n\nAnn Lee is the author of a book on towns."
    assert names(text, "I", "I", "We") == ["Ann Lee", None, None]
    assert names("I think so.\n\nThe town is the best of all.", "I") == [None]


def test_the_lead_introduces_someone_whom_the_next_paragraph_names() -> None:
    text = "One Ohio teacher wants to help.\n\nTom Reed, a teacher in Lima, said no."
    assert names(text, "One Ohio teacher", "Tom Reed") == ["Tom Reed", "Tom Reed"]


def test_a_verb_alone_means_the_name_beside_it() -> None:
    assert names("Ann Lee came. “No,” said Lee.", "said") == ["Ann Lee"]


def test_a_surname_with_a_title_is_a_person() -> None:
    assert names("President Dorr's rating is high. He should act.", "He") == ["Dorr"]


def test_a_name_behind_an_owned_role_and_ages_before_a_name() -> None:
    assert names("It was late. His lawyer, Priya Raman, said no.", "His lawyer, Priya Raman") == ["Priya Raman"]
    assert names("It was late. Lee’s lawyer, Priya Raman, said no.", "Lee’s lawyer, Priya Raman") == ["Priya Raman"]
    assert names("It was late. Sixteen-year-old Malik Duarte said no.", "Sixteen-year-old Malik Duarte") == [
        "Malik Duarte"
    ]


def test_a_first_name_is_a_mans_a_womans_or_eithers() -> None:
    assert len(MALE | FEMALE | EITHER) == len(MALE) + len(FEMALE) + len(EITHER)


@pytest.mark.parametrize("name", ["Alex Morgan", "Lindsey Vane", "Ali Wren", "Kim Bauer", "Jean Wright", "Chris Dorr"])
@pytest.mark.parametrize("pronoun", ["She", "He"])
def test_a_first_name_of_either_gender_leaves_both_pronouns_open(name: str, pronoun: str) -> None:
    assert names(f"{name} said no. {pronoun} said more.", name, pronoun) == [name, name]


@pytest.mark.parametrize(
    ("text", "full", "alone"),
    [
        ("Prime Minister Theresa May said no. May said more.", "Theresa May", "May"),
        ("Mark White said no. White said more.", "Mark White", "White"),
        ("Rick March said no. March said more.", "Rick March", "March"),
        ("George Will said no. Even Will said more.", "George Will", "Even Will"),
        ("Theresa May came in March. “No,” said Prime Minister May.", "Theresa May", "Prime Minister May"),
    ],
)
def test_a_surname_that_is_a_small_word_a_month_or_a_colour_is_that_person(text: str, full: str, alone: str) -> None:
    assert names(text, full, alone) == [full, full]


def test_a_month_or_small_word_is_nobody_where_no_one_bears_it() -> None:
    assert names("Tom Reed said no. May said more. It will end in May.", "Tom Reed", "May") == ["Tom Reed", None]


def test_an_arabic_article_belongs_to_the_surname_in_any_spelling() -> None:
    text = "President Bashar al-Assad said no. Assad said more. He left. Al-Assad said so."
    mentions = ("President Bashar al-Assad", "Assad", "He", "Al-Assad")
    assert names(text, *mentions) == ["Bashar al-Assad"] * 4
    text = "Egyptian President Abdel Fattah el-Sisi said no. El-Sisi said more. Sisi said so. Mr. al-Sisi agreed."
    mentions = ("Egyptian President Abdel Fattah el-Sisi", "El-Sisi", "Sisi", "Mr. al-Sisi")
    assert names(text, *mentions) == ["Abdel Fattah el-Sisi"] * 4


def test_what_stands_behind_of_the_is_no_persons_name() -> None:
    text = "The Leader of the Islamic Revolution said no. The wife of the late Tom Reed said more."
    assert names(text, "The Leader of the Islamic Revolution", "The wife of the late Tom Reed") == [
        "Leader of the Islamic Revolution",
        "wife of the late Tom Reed",
    ]


def test_letters_of_an_organisation_are_a_name_where_they_are_no_capitals() -> None:
    assert names("Kim Jong Un said no. He said more. The UN agreed.", "Kim Jong Un", "He", "The UN") == [
        "Kim Jong Un",
        "Kim Jong Un",
        "UN",
    ]


def test_labels_of_a_transcript_mean_the_people_who_are_named_in_full() -> None:
    text = "Donald Trump met Hillary Clinton.\n\nTRUMP: No.\n\nCLINTON: Yes.\n\nTRUMP: Why?\n\nNATO: So."
    assert names(text, "TRUMP", "CLINTON", "TRUMP", "NATO") == [
        "Donald Trump",
        "Hillary Clinton",
        "Donald Trump",
        "NATO",
    ]


def test_question_and_answer_are_no_speakers() -> None:
    assert names("Q: Why?\n\nA: So.\n\nQ. When?\n\nA. Now.", "Q", "A", "Q.", "A.") == [None] * 4


def test_a_title_tells_two_people_of_one_surname_apart() -> None:
    text = "Gov. Tom Miller met Stephen Miller, an adviser. Gov. Miller said no. Judge Maria Lopez, and Jennifer Lopez. Judge Lopez said so."
    assert names(text, "Gov. Miller", "Judge Lopez") == ["Tom Miller", "Maria Lopez"]


def test_a_surname_with_a_title_is_nobody_of_another_gender() -> None:
    text = "President Obama met Michelle Obama. Mr. Obama said yes. Mrs. Obama said so. The president said no."
    assert names(text, "Mr. Obama", "Mrs. Obama", "The president") == ["Obama", "Michelle Obama", "Obama"]


@pytest.mark.parametrize(
    ("text", "mention", "name"),
    [
        ("The mayor of Leeds, Anna Holt, thanked Health Secretary Ben Kaye. The health secretary said so.", "The health secretary", "Ben Kaye"),
        ("The chairman of the committee, Paul Brandt, told President Jane Hill no. The president said so.", "The president", "Jane Hill"),
        ("The head of the union, Mark Bell, urged Transport Minister Lucy Shaw to go. The transport minister said so.", "The transport minister", "Lucy Shaw"),
        ("Ann Lee, deputy mayor of Leeds, met Bob Ray. The deputy mayor said so.", "The deputy mayor", "Ann Lee"),
    ],
)  # fmt: skip
def test_what_stands_behind_the_verb_is_no_apposition(text: str, mention: str, name: str) -> None:
    assert names(text, mention) == [name]


def test_senators_in_the_plural_are_two_people() -> None:
    text = "Senators Susan Collins (R-Maine) and Joe Manchin (D-W.Va.) said so. Collins said more."
    both = "Senators Susan Collins (R-Maine) and Joe Manchin (D-W.Va.)"
    assert names(text, both, "Collins") == ["Susan Collins and Joe Manchin", "Susan Collins"]


def test_the_names_of_firms_stay_whole() -> None:
    text = (
        "Johnson & Johnson said so. Smith & Sons, a Leeds company, said no. Amnesty International said yes, she said."
    )
    assert names(text, "Johnson & Johnson", "Smith & Sons, a Leeds company", "Amnesty International", "she") == [
        "Johnson & Johnson",
        "Smith & Sons",
        "Amnesty International",
        None,
    ]


def test_a_first_name_alone_is_not_called_by_the_other_pronoun() -> None:
    assert names("Maria said no. He said yes.", "Maria", "He") == ["Maria", None]


def test_behind_another_official_the_official_is_not_the_first_one() -> None:
    text = (
        "An official in the ministry said so. The official said more. Another official was glad. The official said no."
    )
    assert names(text, "An official in the ministry", "The official", "The official") == [
        "official in the ministry",
        "official in the ministry",
        None,
    ]
