"""Agreement of annotators: by hand and against others' code, on shared items only, undefined with a reason."""

from __future__ import annotations

import json

import numpy as np
import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import aggregate_raters
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_fleiss
from typer.testing import CliRunner

from quotestance.commands.agree import agree as agree_command
from quotestance.data.agreement import AgreementError, agreement, cohen_kappa, fleiss_kappa, krippendorff_alpha
from quotestance.data.errors import LabelError
from quotestance.data.pairs import Pair
from quotestance.data.records import Article

F, A, N = "favor", "against", "neutral"


def rated(rows: dict[str, dict[str, str]]) -> list[Pair]:
    return [
        Pair(id=item, text="t", target=f"target of {item}", label=label, group=item[0], annotator=annotator)
        for item, labels in rows.items()
        for annotator, label in labels.items()
    ]


def test_alpha_equals_krippendorffs_own_worked_example_with_missing_data():
    # Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", example C: nominal alpha 0.743
    coder = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ]
    items = [[None if one is None else str(one) for one in item] for item in zip(*coder, strict=True)]
    found = krippendorff_alpha(items)
    assert found.value == pytest.approx(0.743, abs=0.0005)
    assert found.n == 11  # the last unit has one label and says nothing


def test_alpha_of_two_annotators_by_hand():
    # coincidences: ff 4, nn 2, fn 1 + 1; n = 8, margins 5 and 3; 1 - 2 / ((64 - 34) / 7) = 0.5333
    assert krippendorff_alpha([[F, F], [F, F], [N, N], [F, N]]).value == pytest.approx(1 - 2 * 7 / 30)


def test_cohens_kappa_by_hand():
    # equal 3 of 4; by chance 0.75 * 0.5 + 0.25 * 0.5 = 0.5
    assert cohen_kappa([F, F, F, N], [F, F, N, N]).value == pytest.approx(0.5)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 5).flatmap(
        lambda raters: st.lists(
            st.lists(st.sampled_from([F, A, N]), min_size=raters, max_size=raters), min_size=2, max_size=20
        )
    )
)
def test_fleiss_kappa_equals_statsmodels(rows):
    if len({label for row in rows for label in row}) < 2:
        assert fleiss_kappa(rows).value is None
        return
    table, _ = aggregate_raters(np.array(rows))
    assert fleiss_kappa(rows).value == pytest.approx(statsmodels_fleiss(table))


@pytest.mark.parametrize("measure", [krippendorff_alpha, fleiss_kappa])
def test_all_agreeing_on_one_label_is_undefined_and_says_so(measure):
    found = measure([[F, F], [F, F]])
    assert found.value is None
    assert "every label is 'favor'" in found.reason
    assert str(found).startswith("undefined")


def test_kappa_of_two_who_always_say_the_same_label_is_undefined():
    assert cohen_kappa([F, F], [F, F]).reason == "every label is 'favor', so agreement by chance is certain"


def test_only_shared_items_count():
    found = agreement(rated({"a1": {"x": F, "y": F}, "a2": {"x": A, "y": N}, "b1": {"x": A}, "b2": {"y": N}}))
    assert found.observed.value == 0.5
    assert found.observed.n == found.alpha.n == 2
    assert found.per_annotator.loc["x", ["n", "shared"]].tolist() == [3, 2]


def test_perfect_agreement_on_several_labels_is_one_everywhere():
    found = agreement(rated({"a1": {"x": F, "y": F}, "a2": {"x": A, "y": A}, "a3": {"x": N, "y": N}}))
    assert found.alpha.value == found.fleiss.value == found.observed.value == 1
    assert found.pairwise.kappa.tolist() == [1]
    assert found.disagreements.empty


def test_specific_agreement_of_a_label_by_hand():
    found = agreement(
        rated({"a1": {"x": F, "y": F}, "a2": {"x": F, "y": N}, "a3": {"x": N, "y": N}, "a4": {"x": A, "y": N}})
    )
    # favor: chosen 3 times in all, met by the same 2 times; against: chosen once, met by neutral
    assert found.per_label.specific_agreement.to_dict() == pytest.approx({F: 2 / 3, A: 0.0, N: 2 / 4})
    assert found.per_label.n.to_dict() == {F: 3, A: 1, N: 4}


def test_three_annotators_are_compared_pair_by_pair():
    found = agreement(rated({"a1": {"x": F, "y": F, "z": A}, "a2": {"x": A, "y": A, "z": A}, "a3": {"x": N, "y": N}}))
    rows = {(row.first, row.second): (row.n, row.agreement) for row in found.pairwise.itertuples()}
    assert rows == {("x", "y"): (3, 1.0), ("x", "z"): (2, 0.5), ("y", "z"): (2, 0.5)}
    assert found.fleiss.n == 2
    assert found.alpha.n == 3


def test_a_pair_of_annotators_without_shared_items_has_a_reason_instead_of_a_kappa():
    found = agreement(rated({"a1": {"x": F, "y": F}, "a2": {"x": A, "y": N}, "a3": {"x": N, "z": N}}))
    row = found.pairwise.set_index(["first", "second"]).loc[("y", "z")]
    assert (row.n, row.reason) == (0, "there is no shared item")


def test_unclear_against_a_side_is_a_disagreement():
    found = agreement(rated({"a1": {"x": F, "y": "unclear"}, "a2": {"x": A, "y": A}}))
    assert found.labels == (F, A, N, "unclear")
    assert found.disagreements.index.tolist() == ["a1"]
    assert found.disagreements.loc["a1"].tolist() == ["target of a1", F, "unclear"]


def test_gold_is_no_vote_unless_it_is_asked_for():
    rows = rated({"a1": {"x": F, "y": N, "gold": F}, "a2": {"x": A, "y": A, "gold": A}})
    assert agreement(rows).annotators == ["x", "y"]
    assert agreement(rows, annotators=["y", "gold"]).observed.value == 0.5


def test_intervals_are_over_articles_seeded_and_hold_the_value():
    rows = rated(
        {
            f"{group}{n}": {"x": F if n % 2 else A, "y": F if n % 2 else (N if n < 2 * place else A)}
            for place, group in enumerate("abcdefgh")
            for n in range(6 + place)
        }
    )
    found = agreement(rows)
    low, high = found.alpha.interval
    assert low < found.alpha.value <= high
    assert found.alpha.interval == agreement(rows).alpha.interval
    assert agreement(rows, seed=1).alpha.interval != found.alpha.interval


def test_no_interval_is_given_on_fewer_than_five_articles():
    assert agreement(rated({"a1": {"x": F, "y": F}, "b1": {"x": A, "y": N}})).alpha.interval is None


def test_articles_give_one_item_a_quote_and_target():
    text = "“We will sign,” she said."
    article = Article.model_validate(
        {
            "id": "a",
            "text": text,
            "targets": [{"id": "t", "name": "the treaty"}],
            "quotes": [
                {
                    "id": f"q{n}",
                    "spans": [{"start": 1, "end": 13, "text": "We will sign"}],
                    "stances": [
                        {"target": "t", "label": F, "annotator": "x"},
                        {"target": "t", "label": (F, A)[n], "annotator": "y"},
                        {"target": "t", "label": F, "annotator": "gold"},
                    ],
                }
                for n in range(2)
            ],
        }
    )
    found = agreement([article])
    assert found.ratings.index.tolist() == ["a#q0#t", "a#q1#t"]
    assert found.disagreements.target.tolist() == ["the treaty"]


def test_articles_with_labels_of_their_own_are_compared_in_these_and_never_across_sets():
    def article(name: str, labels: list[str] | None, *given: str) -> Article:
        return Article.model_validate(
            {
                "id": name,
                "text": "We will sign.",
                "labels": labels,
                "targets": [{"id": "t", "name": "the treaty"}],
                "quotes": [
                    {
                        "id": "q",
                        "stances": [{"target": "t", "label": one, "annotator": f"x{n}"} for n, one in enumerate(given)],
                    }
                ],
            }
        )

    own = article("a", ["for", "opposed"], "for", "opposed")
    assert agreement([own]).labels == ("for", "opposed")
    with pytest.raises(AgreementError, match="different label sets"):
        agreement([own, article("b", None, F, A)])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"a1": {"x": F}, "a2": {"x": A}}, "needs two annotators; the labels are by x"),
        ({"a1": {"x": F}, "a2": {"y": A}}, "x, y share no pair"),
    ],
)
def test_labels_without_overlap_are_refused(rows, message):
    with pytest.raises(AgreementError, match=message):
        agreement(rated(rows))


def test_an_annotator_who_contradicts_themselves_is_named():
    rows = [*rated({"a1": {"x": F, "y": F}}), *rated({"a1": {"x": A}})]
    with pytest.raises(AgreementError, match="pair a1: x labels it 'favor' and 'against'"):
        agreement(rows)


def test_an_unknown_annotator_and_an_unknown_label_are_refused_with_those_there_are():
    rows = rated({"a1": {"x": F, "y": "pro"}})
    with pytest.raises(AgreementError, match=r"No label is by z\. Annotators here: x, y"):
        agreement(rows, annotators=["x", "z"])
    with pytest.raises(LabelError, match="annotator y: Unknown label 'pro'"):
        agreement(rows)


def test_a_pair_table_of_several_annotators_is_compared_under_labels_of_its_own(tmp_path):
    given = [("ann", ("pro", "pro", "con", "con")), ("bea", ("pro", "con", "con", "pro"))]
    rows = [f"{n},Yes.,tax,{label},{who}" for who, labels in given for n, label in enumerate(labels)]
    (tmp_path / "a.csv").write_text("\n".join(["id,text,target,label,annotator", *rows]) + "\n")
    app = typer.Typer()
    app.command()(agree_command)
    out = tmp_path / "new" / "differ.csv"
    asked = [str(tmp_path / "a.csv"), "--labels", "pro, con", "--disagreements", str(out)]
    result = CliRunner().invoke(app, asked, catch_exceptions=False)
    assert "4 of 4 pairs" in result.output
    assert "Wrote 2 disagreements" in result.output
    assert len(out.read_text().splitlines()) == 3


def test_the_command_prints_every_table_and_writes_the_disagreements(tmp_path):
    text = "“We will sign,” she said."
    records = [
        {
            "format": "quotestance/1",
            "id": f"a{n}",
            "text": text,
            "targets": [{"id": "t", "name": "the treaty"}],
            "quotes": [
                {
                    "id": "q",
                    "kind": "direct",
                    "spans": [{"start": 1, "end": 13, "text": "We will sign"}],
                    "stances": [
                        {"target": "t", "label": F if n else A, "annotator": "ann"},
                        {"target": "t", "label": F if n > 1 else A, "annotator": "bea"},
                    ],
                }
            ],
        }
        for n in range(6)
    ]
    (tmp_path / "gold.jsonl").write_text("\n".join(json.dumps(one) for one in records) + "\n")
    app = typer.Typer()
    app.command()(agree_command)
    out = tmp_path / "differ.csv"
    result = CliRunner().invoke(
        app, [str(tmp_path / "gold.jsonl"), "--disagreements", str(out)], catch_exceptions=False
    )
    assert result.exit_code == 0
    assert "ann" in result.output
    assert "0.833" in result.output  # 5 of 6
    assert "a1#q#t" in out.read_text()
