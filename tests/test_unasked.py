"""Neutrals that nobody labelled: never a question that was asked, by name, by alias or in the same words elsewhere."""

import json
import random
from pathlib import Path

import pytest

from quotestance.data.labels import CODEBOOK
from quotestance.data.pairs import Pair
from quotestance.training.examples import drawn
from quotestance.training.material import Material, read_training_material
from quotestance.training.recipe import Recipe, RecipeError
from quotestance.training.unasked import unasked_pairs

TEXT = "The mayor said: We welcome the port. The union said: We reject the mayor's plan."


def asked(
    quote: str, target: str, label: str = "favor", group: str = "a", text: str = TEXT, aliases: tuple[str, ...] = ()
) -> Pair:
    start = text.index(quote)
    return Pair(
        f"{group}#{quote}#{target}", text, target, label, group, quote=((start, start + len(quote)),), aliases=aliases
    )


def questions(pairs: list[Pair]) -> set[tuple[str, str]]:
    return {(pair.quote_text, pair.target) for pair in pairs}


def test_a_quote_is_asked_about_the_other_targets_of_its_article_as_neutral() -> None:
    pairs = [asked("We welcome the port", "the port"), asked("We reject the mayor's plan", "the plan", "against")]
    made = unasked_pairs(pairs, pairs)
    assert questions(made) == {("We welcome the port", "the plan"), ("We reject the mayor's plan", "the port")}
    assert {pair.label for pair in made} == {"neutral"}
    assert len({pair.id for pair in made + pairs}) == 4


def test_targets_of_other_articles_are_not_asked() -> None:
    pairs = [asked("We welcome the port", "the port"), asked("We reject the mayor's plan", "the plan", group="b")]
    assert unasked_pairs(pairs, pairs) == []


def test_a_target_that_is_labelled_under_another_case_or_alias_is_not_asked() -> None:
    harbour = asked("We reject the mayor's plan", "harbour", aliases=("the Port",))
    pairs = [asked("We welcome the port", "The Port"), harbour]
    pairs += [asked("We welcome the port", "harbour plan"), asked("We reject the mayor's plan", "the port")]
    assert questions(unasked_pairs(pairs, pairs)) == {("We reject the mayor's plan", "harbour plan")}


def test_a_question_that_is_labelled_in_the_same_words_elsewhere_stays_out() -> None:
    pairs = [asked("We welcome the port", "the port"), asked("We reject the mayor's plan", "the plan")]
    elsewhere = asked("we  Welcome the port", "The plan", "favor", group="z", text="Again: we  Welcome the port")
    assert questions(unasked_pairs(pairs, [*pairs, elsewhere])) == {("We reject the mayor's plan", "the port")}


def test_a_mention_is_marked_only_where_it_is_known() -> None:
    text, other = "Ann met Bob.", "Cy met Dee."
    pairs = [
        Pair("1", text, "Ann", "favor", "g", mention=(0, 3)),
        Pair("2", other, "Cy", "against", "g", mention=(0, 2)),
    ]
    assert [pair.mention for pair in unasked_pairs(pairs, pairs)] == [None, None]


def material(folder: Path) -> Path:
    """Five articles of two quotes and two targets; each quote carries one label, and the first an 'unclear' one beside it."""
    path = folder / "articles.jsonl"
    lines = []
    for number in range(5):
        text = (
            f"Ann said: We welcome plan {number}. Bob said: We reject idea {number}. Cy said: It is Monday, {number}."
        )
        quotes = []
        for key, words, target, label in (
            ("q1", f"We welcome plan {number}", "t1", "favor"),
            ("q2", f"We reject idea {number}", "t2", "against"),
            ("q3", f"It is Monday, {number}", "t1", "neutral"),
        ):
            start = text.index(words)
            span = {"start": start, "end": start + len(words), "text": words}
            quotes.append({"id": key, "spans": [span], "stances": [{"target": target, "label": label}]})
        quotes[0]["stances"].append({"target": "t2", "label": "unclear"})
        targets = [{"id": "t1", "name": f"plan {number}"}, {"id": "t2", "name": f"idea {number}"}]
        lines.append(
            {"format": "quotestance/1", "id": f"a{number}", "text": text, "targets": targets, "quotes": quotes}
        )
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_a_question_answered_with_unclear_was_asked(tmp_path: Path) -> None:
    part = {"material": str(material(tmp_path)), "unasked_neutrals": 1.0}
    (made,), _ = read_training_material(Recipe(name="x", train=(part,)), None, CODEBOOK)
    assert len(made.unasked) == 2 * 4  # four articles are trained on; q1 was asked about both targets
    assert not any("welcome" in pair.quote_text for pair in made.unasked)


def test_the_share_is_drawn_anew_each_epoch_and_alike_for_the_same_epoch(tmp_path: Path) -> None:
    part = {"material": str(material(tmp_path)), "unasked_neutrals": 0.5}
    (made,), _ = read_training_material(Recipe(name="x", train=(part,)), None, CODEBOOK)
    first, again, other = (drawn(made, random.Random(seed)) for seed in ("13/0", "13/0", "13/1"))
    assert first == again
    assert len(first) == len(other) == 18
    assert {pair.id for pair in first} != {pair.id for pair in other}
    assert len(drawn(Material(made.pairs), random.Random(1))) == 12


def test_material_with_nothing_unasked_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    rows = [
        {"id": str(n), "text": f"t {n}", "target": "x", "group": f"g{n}", "label": label}
        for n in range(4)
        for label in ("favor", "against", "neutral")[n % 3 : n % 3 + 1]
    ]
    rows += [{"id": f"b{n}", "text": f"u {n}", "target": "x", "group": f"g{n}", "label": "neutral"} for n in range(4)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    dev = {"material": str(path)}
    with pytest.raises(RecipeError, match="no group has a target that one of its quotes carries no label for"):
        read_training_material(
            Recipe(name="x", train=({"material": str(path), "unasked_neutrals": 0.5},), dev=(dev,)), None, CODEBOOK
        )


def test_added_neutrals_need_that_label() -> None:
    with pytest.raises(ValueError, match="makes pairs labelled neutral"):
        Recipe(name="x", labels=("pro", "con"), train=({"material": "m", "unasked_neutrals": 0.5},))
