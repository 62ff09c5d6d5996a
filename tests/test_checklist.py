"""Behaviour tests: templates are filled as written, and a case passes only when all its asks do."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from quotestance.commands.checklist import checklist as checklist_command
from quotestance.data import shipped
from quotestance.evaluate.checklist import ChecklistError, cases, check_behaviour, read_checklist

OWN = Path(__file__).parent.parent / "evaluate" / "checklist.toml"
SMALL = """
[fill]
policy = ["the tax", "the wall", "the deal"]
speaker = ["the mayor"]

[[capability]]
name = "sides"
why = "both must be right"
[[capability.template]]
text = '"<<{Policy} helps, {policy2} harms>>," {speaker} said.'
speaker = "{speaker}"
asks = [{ target = "{policy}", expect = "favor" }, { target = "{policy2}", expect = "against" }]

[[capability]]
name = "sameness"
why = "whichever label it is"
known_weakness = true
[[capability.template]]
text = "{Speaker} said <<{policy} helps>>."
asks = [{ target = "{policy}" }, { target = "plans such as {policy}" }]
[[capability.template]]
text = "<<It rains>>, {speaker} said."
asks = [{ target = "rain", expect = "neutral" }]
"""


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return read_checklist(path)


def test_slots_are_filled_by_different_words_and_the_quote_is_where_it_was_marked(small):
    first = [case for case in cases(small) if case.capability == "sides"]
    assert len(first) == 6  # ordered pairs of three policies
    for case in first:
        favored, opposed = case.pairs
        assert favored.target != opposed.target
        assert favored.quote_text == f"The {favored.target[4:]} helps, {opposed.target} harms"
        assert favored.text == f'"{favored.quote_text}," the mayor said.'
        assert favored.speaker == "the mayor"
        assert favored.label is None


def test_a_case_passes_only_when_every_ask_is_right(small):
    checked = check_behaviour(small, lambda pairs: ["favor"] * len(pairs))
    assert checked.frame.loc["sides", "pass_rate"] == 0
    checked = check_behaviour(
        small, lambda pairs: ["favor" if f"{pair.target[1:]} helps" in pair.text else "against" for pair in pairs]
    )
    assert checked.frame.loc["sides", "pass_rate"] == 1


def test_an_ask_without_expectation_needs_only_the_label_of_the_others(small):
    always = check_behaviour(small, lambda pairs: ["against"] * len(pairs)).frame.loc["sameness"]
    assert (always["n"], always["templates"]) == (4, 2)
    assert always["pass_rate"] == 3 / 4
    assert always["worst_template"] == 0
    torn = check_behaviour(
        small, lambda pairs: ["favor" if pair.target.startswith("plans") else "against" for pair in pairs]
    )
    assert torn.frame.loc["sameness", "pass_rate"] == 0


def test_failures_show_every_ask_of_a_failed_case(small):
    failures = check_behaviour(small, lambda pairs: ["favor"] * len(pairs)).failures
    assert failures[failures.capability == "sides"].expected.value_counts().to_dict() == {"favor": 6, "against": 6}
    assert failures[failures.capability == "sameness"].target.tolist() == ["rain"]


def test_a_known_weakness_is_flagged_and_counted_like_the_others(small):
    table = check_behaviour(small, lambda pairs: ["neutral"] * len(pairs)).to_markdown()
    assert "| sameness (known weakness) | 100% | 4 | 2 | 100% |" in table
    assert "| sides | 0% | 6 | 1 | 0% |" in table


def test_fewer_cases_are_drawn_with_a_seed(small):
    def texts(seed: int) -> list[str]:
        return [case.pairs[0].text for case in cases(small, cases_a_template=2, seed=seed)]

    assert len(texts(1)) == 5
    assert texts(1) == texts(1)
    assert any(texts(1) != texts(seed) for seed in range(2, 8))


def test_a_model_that_loses_pairs_is_refused(small):
    with pytest.raises(ChecklistError, match="gave 1 labels for 19"):
        check_behaviour(small, lambda pairs: ["favor"])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{policy2} harms", "{party} harms", r"nothing fills \{party\}; \[fill\] has: policy, speaker"),
        ('expect = "against"', 'expect = "con"', "'con' is not in the codebook, which has: favor, against, neutral"),
        ("<<It rains>>", "It rains", "must mark one quote"),
        ('name = "sameness"', 'name = "sides"', "'sides' stands twice"),
        ('{ target = "{policy}" }, ', "", "nothing that it could equal"),
        ("known_weakness", "weak", "weak"),
        ("[fill]", "[fill", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_what_is_wrong(tmp_path, old, new, message):
    path = tmp_path / "wrong.toml"
    assert old in SMALL
    path.write_text(SMALL.replace(old, new))
    with pytest.raises(ChecklistError, match=message):
        read_checklist(path)


def test_the_projects_own_checklist_covers_what_it_promises():
    own = read_checklist(OWN)
    names = {one.name for one in own.capability}
    assert len(names) >= 18
    assert {
        "negation",
        "will never",
        "two targets, opposite stances",
        "swapped names",
        "irony",
        "target paraphrase",
        "target not in the text",
        "stance in the cue",
        "hardly any words",
        "a huge quote",
    } <= names
    assert [one.name for one in own.capability if one.known_weakness] == ["irony"]


def test_the_projects_own_checklist_is_read_from_anywhere_and_comes_with_the_package(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read_checklist() == read_checklist(OWN)
    project = tomllib.loads((OWN.parent.parent / "pyproject.toml").read_text(encoding="utf-8"))
    in_wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert in_wheel["evaluate/checklist.toml"] == "quotestance/shipped/checklist.toml"
    monkeypatch.setattr(shipped, "PACKAGE", tmp_path / "site-packages" / "quotestance")  # where no repository is
    installed = shipped.PACKAGE / "shipped" / "checklist.toml"
    installed.parent.mkdir(parents=True)
    installed.write_text(SMALL)
    assert [one.name for one in read_checklist().capability] == ["sides", "sameness"]


def test_no_single_label_passes_half_of_the_projects_own_checklist():
    for label in ("favor", "against", "neutral"):
        frame = check_behaviour(read_checklist(OWN), lambda pairs, label=label: [label] * len(pairs)).frame
        assert frame.pass_rate.mean() < 0.5, label


def test_every_own_case_is_a_text_with_its_quote_and_no_mark_left():
    for case in cases(read_checklist(OWN)):
        for pair in case.pairs:
            assert not set("{}<>") & set(pair.text + pair.target + (pair.speaker or "")), pair
            assert pair.quote_text in pair.text
            assert pair.speaker in pair.text or pair.speaker[0].upper() + pair.speaker[1:] in pair.text


def test_the_command_prints_the_table_and_writes_failures(tmp_path):
    rows = [
        {"id": str(n), "text": f"we {word} it", "target": "x", "label": label, "group": str(n)}
        for n, (word, label) in enumerate([("welcome", "favor"), ("reject", "against"), ("saw", "neutral")] * 4)
    ]
    (tmp_path / "train.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    app = typer.Typer()
    app.command()(checklist_command)
    arguments = [
        "--model",
        "majority",
        "--training",
        str(tmp_path / "train.jsonl"),
        "--cases",
        "2",
        "--failures",
        str(tmp_path / "failures.csv"),
    ]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert "| plain support | 100% | 6 | 3 | 100% |" in result.output
    assert "irony (known weakness)" in result.output
    assert "plain opposition" in (tmp_path / "failures.csv").read_text()
