"""The rules on small texts: marks, kinds, joined parts, speakers and cues, and what is no speech."""

from __future__ import annotations

import pytest

from quotestance.data.records import Quote
from quotestance.models.language.quote_marks import quoted_regions
from quotestance.models.rules.quote_rules import RuleQuoteFinder

PADDING = "\n\nThe weather was fine and the town was quiet for the rest of that week."
FINDER = RuleQuoteFinder()


def find(text: str) -> list[Quote]:
    quotes = FINDER.find_quotes(text)
    for quote in quotes:
        for span in [*quote.spans, quote.cue, quote.speaker.mention]:
            assert span is None or text[span.start : span.end] == span.text
    return list(quotes)


def only(text: str) -> Quote:
    quotes = find(text)
    assert len(quotes) == 1, [(quote.text, quote.speaker.name) for quote in quotes]
    return quotes[0]


def seen(quote: Quote) -> tuple[str | None, str, str | None, str | None]:
    return quote.kind, quote.text, quote.speaker.name, quote.cue.text if quote.cue else None


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("“Go home,” he said.", ["Go home,"]),
        ('"Go home," he said.', ["Go home,"]),
        ("''Go home,'' he said.", ["Go home,"]),
        ("„Geht heim“, sagte er.", ["Geht heim"]),
        ("»Geht heim«, sagte er. «Rentrez»", ["Geht heim", "Rentrez"]),
        ("‹Rentrez› 「回家」", ["Rentrez", "回家"]),
        ("‘The workers’ union won’t go,’ he said.", ["The workers’ union won’t go,"]),
        ("'It's late,' he said.", ["It's late,"]),
        ("the US’ bid, the '90s and rock 'n' roll", []),
        ("“As “nested” as ‘it’ gets”", ["As “nested” as ‘it’ gets"]),
        ('6\'2" tall, a "real" man', ["real"]),
        ("“open to the end", ["open to the end"]),
        ('He said "no and left. Then "yes" came', ["yes"]),
        ("“I go, he said. “I stay,” she said.", ["I go,", "I stay,"]),
        ('"I go, said Ann Lee. "I stay," she said.', ["I go,", "I stay,"]),
        ("“I go and he said it.", ["I go and he said it."]),
        ("“I go, said of the plan.", ["I go, said of the plan."]),
        ('"Go home,” he said. "Go home”', ["Go home,", "Go home"]),
        ('“As "nested" as it gets”', ['As "nested" as it gets']),
    ],
)
def test_marks_of_every_style_pair_up_and_apostrophes_are_no_marks(text: str, inside: list[str]) -> None:
    assert [text[region.start : region.end] for region in quoted_regions(text)] == inside


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“We will not go,” the mayor warned.", ("direct", "We will not go,", "the mayor", "warned")),
        (
            "“We will not go,” said Ann Lee, head of the Water Board.",
            ("direct", "We will not go,", "Ann Lee, head of the Water Board", "said"),
        ),
        ("The mayor said, “We will not go.”", ("direct", "We will not go.", "The mayor", "said")),
        ("Ann Lee said that the plan is dead.", ("indirect", "the plan is dead", "Ann Lee", "said")),
        ("Ann Lee said he will sell the house.", ("indirect", "he will sell the house", "Ann Lee", "said")),
        ("The plan is dead, Ann Lee said.", ("indirect", "The plan is dead", "Ann Lee", "said")),
        ("The plan is dead, according to the mayor.", ("indirect", "The plan is dead", "the mayor", "according to")),
        ("According to the mayor, the plan is dead.", ("indirect", "the plan is dead", "the mayor", "According to")),
        ("The mayor called the plan “a disgrace” on Monday.", ("mixed", "the plan “a disgrace", "The mayor", "called")),
        (
            "Ann Lee said in a statement on Tuesday that the plan is dead.",
            ("indirect", "the plan is dead", "Ann Lee", "said"),
        ),
        ("Ann Lee told The Daily Star that the plan is dead.", ("indirect", "the plan is dead", "Ann Lee", "told")),
        ("The mayor has vowed to fight the plan.", ("indirect", "to fight the plan", "The mayor", "has vowed")),
    ],
)
def test_a_sentence_gives_its_content_kind_speaker_and_cue(text: str, expected: tuple[str, str, str, str]) -> None:
    assert seen(only(text + PADDING)) == expected


def test_an_interrupted_quote_is_one_quote_of_several_spans() -> None:
    quote = only(
        "“If it rains,” she said, “we stay. If not,” she said nothing more.".replace(
            " If not,” she said nothing more.", "”"
        )
        + PADDING
    )
    assert [span.text for span in quote.spans] == ["If it rains,", "we stay."]
    assert quote.kind == "direct"


def test_marked_sentences_behind_a_reported_one_go_on_with_it() -> None:
    quote = only("“It rains,” said Ann Lee. “We stay. We always stay.”" + PADDING)
    assert [span.text for span in quote.spans] == ["It rains,", "We stay. We always stay."]


def test_a_quote_continued_over_paragraphs_that_open_again_is_one_quote() -> None:
    quote = only("“It rains,” said Ann Lee. “We stay for now.\n\n“Tomorrow we go.”" + PADDING)
    assert [span.text for span in quote.spans] == ["It rains,", "We stay for now.", "Tomorrow we go."]


def names_and_spans(text: str) -> list[tuple[str | None, list[str]]]:
    return [(quote.speaker.name, [span.text for span in quote.spans]) for quote in find(text)]


@pytest.mark.parametrize("mark", ["“", '"'])
def test_a_closing_mark_that_is_missing_before_the_speaker_costs_nobody_their_words(mark: str) -> None:
    closing = mark.replace("“", "”")
    text = f"{mark}We will build it, Ann Lee said.\n\n{mark}We will not,{closing} Bob Ray said."
    for told in (text, text + PADDING):
        assert [(name, said[0].rstrip(",")) for name, said in names_and_spans(told)] == [
            ("Ann Lee", "We will build it"),
            ("Bob Ray", "We will not"),
        ]


def test_an_open_quote_ends_where_the_next_paragraph_names_another_speaker() -> None:
    begun = "“It rains,” said Ann Lee. “We stay for now.\n\n“Tomorrow we go.\n\n“And then we rest,” said "
    parted = ("Ann Lee", ["It rains,", "We stay for now.", "Tomorrow we go."])
    assert names_and_spans(f"{begun}Bob Ray." + PADDING) == [parted, ("Bob Ray", ["And then we rest,"])]
    assert len(names_and_spans(f"{begun}Mayor Bob Ray." + PADDING)) == 2
    for same in ("Mrs. Lee", "the mayor"):
        whole = ("Ann Lee", [*parted[1], "And then we rest,"])
        assert names_and_spans(f"{begun}{same}." + PADDING) == [whole]


def test_an_indirect_quote_is_interrupted_by_its_speaker() -> None:
    quote = only("The only way out, he said, is to wait for the rain." + PADDING)
    assert [span.text for span in quote.spans] == ["The only way out", "is to wait for the rain"]


def test_a_participle_shares_the_speaker_of_its_sentence() -> None:
    first, second = find("Ann Lee rejected the plan, saying it would ruin the town." + PADDING)
    assert seen(first) == ("indirect", "the plan", "Ann Lee", "rejected")
    assert seen(second) == ("indirect", "it would ruin the town", "Ann Lee", "saying")


def test_scare_quotes_and_titles_are_no_speech() -> None:
    assert find("The so-called “peace plan” was printed in “The Old Man and the Sea” edition of 1952." + PADDING) == []


def test_an_unclosed_mark_costs_its_paragraph_and_not_the_article() -> None:
    quotes = find("The “plan was late and nobody came to the hall.\n\n“We stay,” said Ann Lee." + PADDING)
    assert ("direct", "We stay,", "Ann Lee", "said") in [seen(quote) for quote in quotes]


def test_a_speaker_named_in_the_next_sentence_is_the_speaker() -> None:
    first = find("“We will never sell this house.” The senator added that it was old." + PADDING)[0]
    assert first.speaker.name == "The senator"


def test_an_announcing_colon_gives_the_next_paragraph_its_speaker() -> None:
    quote = only("Ann Lee added:\n\n“We will never sell this house.”" + PADDING)
    assert (quote.text, quote.speaker.name) == ("We will never sell this house.", "Ann Lee")


def test_interview_transcripts_are_quotes_of_their_labels() -> None:
    quotes = find("The interview in full.\n\nQ: Will you go?\n\nSMITH: No, I will not.\n\nQ: Why is that?")
    assert [(quote.speaker.name, quote.text) for quote in quotes] == [
        ("Q", "Will you go?"),
        ("SMITH", "No, I will not."),
        ("Q", "Why is that?"),
    ]


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u202f"])
def test_french_marks_have_blanks_inside(blank: str) -> None:
    text = f"«{blank}Nous n'avons plus les moyens{blank}», a-t-il déclaré devant le conseil de la ville. «{blank}Et je préfère partir demain{blank}» dit-il."
    assert [quote.text for quote in find(text)] == ["Nous n'avons plus les moyens", "Et je préfère partir demain"]


@pytest.mark.parametrize(
    "text",
    [
        "They met.\n\nSMITH: Will you go?\n\nRAY: No, I will not.\n\nSMITH: Why?",
        "They met.\n\nSMITH:  Will you go?\n\nRAY:\u00a0No, I will not.\n\nSMITH: \u00a0Why?",
        "They met.\n\nSMITH : Will you go?\n\nRAY : No, I will not.\n\nSMITH : Why?",
        "They met.\n\n**SMITH:** Will you go?\n\n**RAY:** No, I will not.\n\n**SMITH**: Why?",
        "They met.\n\nSMITH:\nWill you go?\n\nRAY:\nNo, I will not.\n\nSMITH:\nWhy?",
        "They met.\n\nSMITH: Will you go?\n\nRAY (on video): No, I will not.\n\nSMITH [laughing]: Why?",
    ],
    ids=["plain", "blanks", "blank before the colon", "bold", "label on its own line", "aside"],
)
def test_labels_of_transcripts_come_in_many_forms(text: str) -> None:
    assert names_and_spans(text) == [("SMITH", ["Will you go?"]), ("RAY", ["No, I will not."]), ("SMITH", ["Why?"])]


def test_questions_and_answers_may_be_labelled_with_a_stop() -> None:
    text = "They met.\n\nQ. Will you go?\n\nA. No, I will not."
    assert names_and_spans(text) == [("Q", ["Will you go?"]), ("A", ["No, I will not."])]


def test_labels_that_are_not_in_capitals_count_where_they_come_again() -> None:
    text = "They met.\n\nSmith: Will you go?\n\nRay: No, I will not.\n\nSmith: Why?\n\nRay: It rains."
    assert [name for name, _ in names_and_spans(text)] == ["Smith", "Ray", "Smith", "Ray"]
    once = "They met.\n\nSmith: Will you go?\n\nJane Smith: Why?\n\nParis: No more of that."
    assert [name for name, _ in names_and_spans(once)] == ["Smith", "Jane Smith"]


def test_a_paragraph_of_a_transcript_without_a_label_goes_on_with_the_label_before_it() -> None:
    text = (
        "They met.\n\nSMITH: Will you go?\n\nRAY: No, I will not.\n\nThe road is closed.\n\n(CROSSTALK)\n\n"
        "SMITH: Why?\n\nRAY: It rains.\n\nWe will go later.\n\nFollow Ann Lee on Twitter."
    )
    assert names_and_spans(text) == [
        ("SMITH", ["Will you go?"]),
        ("RAY", ["No, I will not.", "The road is closed."]),
        ("SMITH", ["Why?"]),
        ("RAY", ["It rains.", "We will go later."]),
    ]


def test_where_the_other_side_has_no_label_its_words_are_not_those_of_the_one_that_has() -> None:
    text = "They met.\n\nWill you go?\n\nRAY: No, I will not.\n\nWhy is that?\n\nRAY: I like it here."
    assert names_and_spans(text) == [("RAY", ["No, I will not."]), ("RAY", ["I like it here."])]


def test_what_an_article_tells_between_two_parts_of_a_transcript_is_nobodys_speech() -> None:
    text = (
        "They met.\n\nSMITH: Will you go?\n\nRAY: No, I will not.\n\nThe mayor said that the road is closed.\n\n"
        "SMITH: Why?\n\nRAY: I like it here."
    )
    assert ("The mayor", ["the road is closed"]) in names_and_spans(text)
    assert ("RAY", ["No, I will not."]) in names_and_spans(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "ISLAMABAD: Prime Minister Imran Khan said on Monday that the government would not sell the port to anybody.",
            ("indirect", "the government would not sell the port to anybody", "Prime Minister Imran Khan", "said"),
        ),
        (
            "NEW DELHI: The government has decided to keep the port. “We will never sell it,” Ann Lee said.",
            ("direct", "We will never sell it,", "Ann Lee", "said"),
        ),
        (
            "KARACHI: The police closed a road on Monday.\n\nKARACHI: Ann Lee said that the port was open.",
            ("indirect", "the port was open", "Ann Lee", "said"),
        ),
    ],
)
def test_the_place_before_a_report_is_no_speaker(text: str, expected: tuple[str, str, str, str]) -> None:
    assert seen(only(text)) == expected
    for known in (text, text.title().split(":")[0] + ":" + text.partition(":")[2]):
        assert expected in [seen(quote) for quote in find(known + "\n\nThe mayor of Karachi said that he was glad.")]
        assert len(find(known + PADDING)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "TOP STORIES: Government falls in vote\n\nWEATHER: Rain in the north\n\nSPORTS: City win again\n\nWHAT TO WATCH: The vote",
        "MARKETS: Shares rise for the third day\n\nHEALTH: A new hospital for the town\n\nMARKETS: Gold falls",
    ],
)
def test_rubrics_in_capitals_are_no_speakers(text: str) -> None:
    assert find(text) == []


def test_the_handle_before_a_post_is_its_speaker() -> None:
    posts = "@annlee: Childcare is an investment.\n\n@Bob_Ray1: A tax hike in disguise.\n\n@annlee: The same was said of schools."
    assert names_and_spans(posts) == [
        ("@annlee", ["Childcare is an investment."]),
        ("@Bob_Ray1", ["A tax hike in disguise."]),
        ("@annlee", ["The same was said of schools."]),
    ]
    assert find("They met.\n\nBest of @annlee: The city needs a bridge." + PADDING) == find("They met." + PADDING)


def test_a_mark_before_a_label_is_no_part_of_it() -> None:
    quotes = find('The interview.\n\n"WALLACE: Will you go?\n\n"PENCE: No, I will not."\n\n"WALLACE: Why?"')
    assert [quote.speaker.name for quote in quotes] == ["WALLACE", "PENCE", "WALLACE"]


def test_a_headline_with_a_colon_has_a_speaker_who_speaks_in_the_article() -> None:
    headline, article = find("Lee: Plan Is a Disaster.\n\nMayor Ann Lee said on Monday that the plan is dead.")
    assert (headline.speaker.name, headline.text) == ("Lee", "Plan Is a Disaster")
    assert article.text == "the plan is dead"


@pytest.mark.parametrize(
    "headline",
    ["Poll: Voters Are Tired of the Plan", "Ann Lee: I Will Not Vote for It", "Ann Lee: ‘We Are Going to the Sea’"],
)
def test_a_poll_and_who_says_i_speak_in_a_headline(headline: str) -> None:
    assert only(headline + PADDING).speaker.name == headline.split(":")[0]


@pytest.mark.parametrize("topic", ["Coronavirus: Two more cases confirmed", "Brexit: May faces defeat in vote"])
def test_the_topic_of_a_headline_is_no_speaker(topic: str) -> None:
    name = topic.split(":")[0]
    quote = only(f"{topic}\n\nThe mayor said on Monday that {name} was on the agenda. {name} is of no use to the town.")
    assert quote.speaker.name == "The mayor"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "Photo: Getty Images",
        "By Ann Lee\nUpdated: 5 May 2019",
        "- one\n- two\n* three",
        "a | b | c\n1 | 2 | 3",
        "@ann: see https://t.co/x #plan",
        "\ufeff\r\n\r\n",
        "\x00\x01\ud7ff",
        "”””’’’",
    ],
)
def test_bylines_captions_tables_lists_tweets_and_rubbish_have_no_quotes(text: str) -> None:
    assert find(text) == []


def test_other_languages_get_their_marked_speech_and_no_speaker() -> None:
    german = "Der Minister sprach am Montag in Berlin über den Plan. „Wir werden nicht verhandeln, solange er gilt“, sagte er der Zeitung."
    quote = only(german)
    assert seen(quote) == ("direct", "Wir werden nicht verhandeln, solange er gilt", None, None)


def test_a_line_of_many_words_without_a_stop_is_read_to_its_end() -> None:
    text = "he said " * 20_000 + "\n\n“We stay,” said Ann Lee."
    assert seen(find(text)[-1]) == ("direct", "We stay,", "Ann Lee", "said")
