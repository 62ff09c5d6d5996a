"""Quotes read in one breath with others: the label stays that of the quote, and the other says nothing of its target."""

import random

from quotestance.data.pairs import Pair
from quotestance.training.examples import LONGEST_JOINED, drawn
from quotestance.training.material import Material


def pair(number: int, words: str, target: str, label: str, **more) -> Pair:
    text = f"Somebody said: {words} And that was all."
    start = text.index(words)
    return Pair(str(number), text, target, label, f"g{number}", quote=((start, start + len(words)),), **more)


def joined(pairs: list[Pair], share: float = 1.0) -> list[Pair]:
    """Of five epochs."""
    material = Material(pairs, joined=share)
    made = [one for epoch in range(5) for one in drawn(material, random.Random(epoch)) if "#joined#" in one.id]
    assert len(made) in (0, round(5 * share * len(pairs)))
    return made


PAIRS = [
    pair(1, "We welcome the port.", "the port", "favor"),
    pair(2, "Taxes are theft.", "taxes", "against"),
    pair(3, "It rains on the hill.", "the hill", "neutral"),
]


def test_both_quotes_are_in_the_text_and_the_label_is_that_of_the_first() -> None:
    made = joined(PAIRS)
    assert len(made) == 5 * len(PAIRS)
    by_target = {one.target: one for one in PAIRS}
    orders = set()
    for one in made:
        own = by_target[one.target]
        (other,) = (o for o in PAIRS if o is not own and o.quote_text in one.text)
        assert one.label == own.label
        assert (
            one.quote_text
            == one.text
            in {f"{own.quote_text} {other.quote_text}", f"{other.quote_text} {own.quote_text}"}
        )
        orders.add(one.text.startswith(own.quote_text))
    assert orders == {True, False}


def test_a_quote_that_names_the_target_is_never_joined_to_it() -> None:
    about_port = pair(4, "The harbour is a shame.", "shame", "against")
    named = pair(5, "We welcome the port.", "the port", "favor", aliases=("harbour",))
    assert {one.target for one in joined([about_port, named])} == {"shame"}
    assert joined([named]) == []


def test_long_quotes_and_marked_mentions_are_left_alone() -> None:
    long = pair(6, "word " * LONGEST_JOINED, "the port", "favor")
    mention = Pair("7", "She blames him.", "him", "against", "g7", mention=(11, 14))
    assert joined([long, mention]) == []
