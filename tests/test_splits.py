"""Splits hold whole groups apart, stay balanced, are frozen to a file, and refuse what cannot be done."""

from __future__ import annotations

import dataclasses
import json

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from quotestance.commands.split import split as split_command
from quotestance.data.pairs import Pair, article_pairs
from quotestance.data.records import Article
from quotestance.data.splits import Split, SplitError, k_folds, leave_one_group_out, material_digest, split, split_rows


def material(groups: int, per_group: int = 6) -> list[Pair]:
    labels = ("favor", "against", "neutral")
    return [
        Pair(
            id=f"{g}-{n}",
            text=f"Text {g}.",
            target=f"plan {(g + n) % 12}",
            label=labels[n % 3],
            group=f"a{g:03d}",
            extra={"paper": f"p{g % 4}"},
        )
        for g in range(groups)
        for n in range(per_group)
    ]


def test_no_group_stands_in_two_parts_and_no_pair_is_lost():
    pairs = material(40)
    parts = split(pairs).apply(pairs)
    groups = {name: {pair.group for pair in members} for name, members in parts.items()}
    assert not groups["train"] & groups["test"]
    assert not groups["train"] & groups["dev"]
    assert not groups["dev"] & groups["test"]
    assert sorted(pair.id for members in parts.values() for pair in members) == sorted(pair.id for pair in pairs)


def test_equal_groups_are_split_in_the_shares_asked_for():
    made = split(material(40), test=0.25, dev=0.1)
    assert made.frame["groups"].to_dict() == {"train": 26, "dev": 4, "test": 10}


def test_groups_of_one_label_each_are_balanced_by_label():
    pairs = [
        Pair(id=str(g), text="t", target="x", label=("favor", "against", "neutral")[g % 3], group=str(g))
        for g in range(60)
    ]
    frame = split(pairs, test=0.2, dev=0.1).frame
    assert frame.loc["test", ["favor", "against", "neutral"]].tolist() == [4, 4, 4]
    assert frame.loc["dev", ["favor", "against", "neutral"]].tolist() == [2, 2, 2]


def test_a_rare_label_reaches_every_part_when_it_stands_in_as_many_groups_as_there_are_parts():
    pairs = material(30)
    pairs = [
        dataclasses.replace(pair, label="favor") if pair.label == "neutral" and pair.group > "a002" else pair
        for pair in pairs
    ]
    assert (split(pairs).frame["neutral"] > 0).all()


def test_the_same_seed_gives_the_same_split_whatever_the_order_of_pairs():
    pairs = material(30)
    assert split(pairs, seed=5) == split(pairs[::-1], seed=5)
    assert split(pairs, seed=5).parts["test"].groups != split(pairs, seed=6).parts["test"].groups


@pytest.mark.parametrize(("by", "values"), [("target", 12), ("paper", 4), ("article", 24)])
def test_a_split_may_go_by_target_by_article_or_by_any_column(by, values):
    made = split(material(24), by=by)
    assert sum(len(part.groups) for part in made.parts.values()) == values


def test_a_split_comes_back_from_its_file_as_it_was(tmp_path):
    pairs = material(20)
    made = split(pairs)
    assert Split.read(made.write(tmp_path / "deep" / "split.json")) == made
    assert Split.read(tmp_path / "deep" / "split.json").apply(pairs) == made.apply(pairs)


def test_a_changed_label_is_refused_with_the_part_and_what_changed():
    pairs = material(20)
    made = split(pairs)
    first = next(n for n, pair in enumerate(pairs) if pair.group in made.parts["test"].groups)
    changed = [*pairs[:first], pairs[first].with_label("neutral"), *pairs[first + 1 :]]
    with pytest.raises(SplitError, match="part 'test' has changed: labels"):
        made.apply(changed)


def test_a_changed_text_is_refused():
    pairs = material(20)
    with pytest.raises(SplitError, match="texts"):
        split(pairs).apply([dataclasses.replace(pairs[0], text="Another text."), *pairs[1:]])


def test_a_missing_and_an_unknown_group_are_named():
    pairs = material(20)
    with pytest.raises(SplitError, match="'a000' missing"):
        split(pairs).apply([pair for pair in pairs if pair.group != "a000"])
    with pytest.raises(SplitError, match="'zzz': not in the split"):
        split(pairs).apply([*pairs, dataclasses.replace(pairs[0], group="zzz")])


def test_a_file_that_puts_a_group_into_two_parts_is_refused(tmp_path):
    path = split(material(20)).write(tmp_path / "split.json")
    held = json.loads(path.read_text())
    held["parts"]["test"]["groups"].append(held["parts"]["train"]["groups"][0])
    path.write_text(json.dumps(held))
    with pytest.raises(SplitError, match="in two parts"):
        Split.read(path)


@pytest.mark.parametrize(
    "text", ["not json", "[]", '{"format": "quotestance/1"}', '{"format": "quotestance-split/1", "by": "group"}']
)
def test_a_file_that_is_no_split_is_refused_with_the_command_that_makes_one(tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(SplitError, match="quotestance split"):
        Split.read(tmp_path / "x.json")


def test_a_split_that_is_not_there_or_has_no_parts_is_refused_with_the_command_that_makes_one(tmp_path):
    with pytest.raises(SplitError, match=r"missing.json can't be read \(No such file.*'quotestance split'"):
        Split.read(tmp_path / "missing.json")
    (tmp_path / "s.json").write_text(
        json.dumps({"format": "quotestance-split/1", "by": "group", "seed": 1, "digest": "x", "parts": ["train"]})
    )
    with pytest.raises(SplitError, match="again with 'quotestance split'"):
        Split.read(tmp_path / "s.json")


def test_fewer_groups_than_folds_are_refused_with_both_numbers():
    with pytest.raises(SplitError, match=r"3 groups by 'group' cannot fill 5 parts"):
        k_folds(material(3), 5)


def test_a_label_that_too_few_groups_hold_is_refused_with_the_group_that_holds_it():
    pairs = [
        pair if pair.group == "a001" or pair.label != "neutral" else pair.with_label("favor") for pair in material(10)
    ]
    with pytest.raises(SplitError, match=r"'neutral' stands in 1 \('a001'\); 3 parts need one each"):
        split(pairs)


def test_a_pair_without_the_group_is_named_with_the_columns_there_are():
    with pytest.raises(SplitError, match=r"pair 0-0 has no 'topic'.*paper"):
        split(material(10), by="topic")


@pytest.mark.parametrize(("test", "dev"), [(0.0, 0.1), (0.9, 0.1), (0.5, 0.6), (-0.1, 0.1)])
def test_shares_that_leave_nothing_are_refused(test, dev):
    with pytest.raises(SplitError, match="leave nothing to train on"):
        split(material(10), test=test, dev=dev)


def test_material_without_labels_is_refused():
    with pytest.raises(SplitError, match="No pair has a label"):
        split([pair.with_label(None) for pair in material(10)])


def test_each_group_is_tested_in_exactly_one_fold_and_every_fold_has_every_label():
    pairs = material(11)
    folds = k_folds(pairs, 4)
    assert sorted(group for fold in folds for group in fold.parts["test"].groups) == sorted(
        {pair.group for pair in pairs}
    )
    assert all(set(fold.parts["test"].labels) == {"favor", "against", "neutral"} for fold in folds)
    assert all(set(fold.apply(pairs)) == {"train", "test"} for fold in folds)


def test_leaving_one_group_out_tests_each_group_once():
    folds = leave_one_group_out(material(5))
    assert [fold.parts["test"].groups for fold in folds] == [(f"a{n:03d}",) for n in range(5)]
    assert all(len(fold.parts["train"].groups) == 4 for fold in folds)


def test_leaving_out_the_only_group_or_the_only_holder_of_a_label_is_refused():
    with pytest.raises(SplitError, match="leaves nothing"):
        leave_one_group_out(material(1))
    pairs = [
        pair if pair.group == "a001" or pair.label != "neutral" else pair.with_label("favor") for pair in material(4)
    ]
    with pytest.raises(SplitError, match="'neutral' stands in 1"):
        leave_one_group_out(pairs)


def test_unclear_and_unlabelled_pairs_follow_their_group():
    pairs = [
        *material(20),
        Pair(id="u", text="Text 3.", target="x", label="unclear", group="a003"),
        Pair(id="v", text="Text 3.", target="y", group="a003"),
    ]
    parts = split(pairs).apply(pairs)
    home = {pair.id: name for name, members in parts.items() for pair in members}
    assert home["u"] == home["v"] == home["3-0"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(["favor", "against"]), min_size=1, max_size=8), min_size=2, max_size=25),
    st.integers(2, 5),
    st.integers(0, 99),
)
def test_folds_are_whole_or_refused(groups, k, seed):
    pairs = [
        Pair(id=f"{g}-{n}", text=str(g), target="x", label=label, group=str(g))
        for g, labels in enumerate(groups)
        for n, label in enumerate(labels)
    ]
    try:
        folds = k_folds(pairs, k, seed=seed)
    except SplitError:
        return
    labels = {pair.label for pair in pairs}
    for fold in folds:
        parts = fold.apply(pairs)
        assert {pair.label for pair in parts["train"]} == {pair.label for pair in parts["test"]} == labels
        assert not {pair.group for pair in parts["train"]} & {pair.group for pair in parts["test"]}


def text_free_and_joined() -> tuple[Article, Article]:
    import hashlib

    text = "“We will not sign,” she said."
    record = {
        "format": "quotestance/1",
        "id": "a1",
        "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "text_ref": {"corpus": "c"},
        "targets": [{"id": "t", "name": "the treaty"}],
        "quotes": [{"id": "q", "stances": [{"target": "t", "label": "against", "annotator": "gold"}]}],
    }
    joined = Article.model_validate({**record, "text": text})
    return Article.model_validate({**record, "text": None}), joined


def test_text_free_records_and_the_same_with_their_text_have_one_digest():
    free, joined = text_free_and_joined()
    assert (
        material_digest(split_rows([free]))
        == material_digest(split_rows([joined]))
        == material_digest(article_pairs([joined]))
    )


def test_the_command_freezes_a_split_and_prints_its_parts(tmp_path):
    app = typer.Typer()
    app.command()(split_command)
    rows = [
        json.dumps({"id": p.id, "text": p.text, "target": p.target, "label": p.label, "group": p.group})
        for p in material(20)
    ]
    (tmp_path / "pairs.jsonl").write_text("\n".join(rows) + "\n")
    result = CliRunner().invoke(
        app, [str(tmp_path / "pairs.jsonl"), "--out", str(tmp_path / "split.json")], catch_exceptions=False
    )
    assert result.exit_code == 0
    assert "train" in result.output
    assert "14" in result.output
    assert Split.read(tmp_path / "split.json").parts["test"].pairs == 24


def test_the_command_writes_one_file_a_fold(tmp_path):
    app = typer.Typer()
    app.command()(split_command)
    rows = [
        json.dumps({"id": p.id, "text": p.text, "target": p.target, "label": p.label, "group": p.group})
        for p in material(20)
    ]
    (tmp_path / "pairs.jsonl").write_text("\n".join(rows) + "\n")
    result = CliRunner().invoke(
        app, [str(tmp_path / "pairs.jsonl"), "--folds", "4", "--out", str(tmp_path / "folds")], catch_exceptions=False
    )
    assert result.exit_code == 0
    assert sorted(path.name for path in (tmp_path / "folds").iterdir()) == [f"fold-{n}.json" for n in range(1, 5)]
