"""What does not match is said, with the id and the remedy."""

from dataclasses import replace

import numpy as np
import pytest

from quotestance.data.errors import LabelError
from quotestance.data.labels import LabelSet
from quotestance.data.pairs import Pair
from quotestance.data.records import Article, Quote, Span, Stance, Target
from quotestance.evaluate.align import EvaluationError, align


def pair(number: int, label: str | None, **more: object) -> Pair:
    return Pair(id=f"p{number}", text="We want the tunnel.", target="tunnel", label=label, **more)  # type: ignore[arg-type]


GOLD = [pair(1, "favor", group="a"), pair(2, "against", group="a"), pair(3, "neutral", group="b")]


def test_predictions_are_matched_by_id_whatever_their_order() -> None:
    found = align(GOLD, [pair(3, "neutral"), pair(1, "favor"), pair(2, "favor")])
    assert found.predicted_labels == ["favor", "favor", "neutral"]
    assert list(found.groups) == [0, 0, 1]
    assert found.messages == ()


def test_a_missing_prediction_is_an_error_that_names_the_pair_and_the_ways_out() -> None:
    with pytest.raises(
        EvaluationError,
        match=r"1 of 3 gold pairs have no prediction, such as 'p2'.*missing='wrong'.*--missing wrong.*'skip'",
    ):
        align(GOLD, [pair(1, "favor"), pair(3, "neutral")])


def test_an_empty_label_is_a_missing_prediction() -> None:
    for empty in (None, ""):
        with pytest.raises(EvaluationError, match="no prediction"):
            align(GOLD, [pair(1, "favor"), pair(2, empty), pair(3, "neutral")])


def test_missing_predictions_count_as_wrong_where_that_is_asked_for() -> None:
    found = align(GOLD, [pair(1, "favor"), pair(3, "neutral")], missing="wrong")
    assert found.n == 3
    assert found.predicted_labels == ["favor", "unclear", "neutral"]
    assert found.left_out["missing"] == 1
    assert "count as wrong" in found.messages[0]


def test_missing_predictions_are_left_out_where_that_is_asked_for() -> None:
    found = align(GOLD, [pair(1, "favor"), pair(3, "neutral")], missing="skip")
    assert [one.id for one in found.gold] == ["p1", "p3"]
    assert "not scored" in found.messages[0]


def test_a_way_that_is_not_known_is_refused() -> None:
    with pytest.raises(EvaluationError, match="error, wrong, skip"):
        align(GOLD, GOLD, missing="ignore")  # type: ignore[arg-type]


def test_predictions_that_gold_does_not_have_are_left_out_and_counted() -> None:
    found = align(GOLD, [*GOLD, pair(9, "favor")])
    assert (found.n, found.left_out["extra"]) == (3, 1)
    assert "1 predictions have ids that gold does not have" in found.messages[0]


def test_ids_that_never_match_are_shown_from_both_sides() -> None:
    with pytest.raises(EvaluationError, match=r"'p1'.*'row-p1'"):
        align(GOLD, [replace(one, id=f"row-{one.id}") for one in GOLD], missing="wrong")


def test_a_prediction_twice_is_refused() -> None:
    with pytest.raises(EvaluationError, match=r"p1: stands more than once \(labels favor and against\)"):
        align(GOLD, [*GOLD, pair(1, "against")])


def test_a_gold_id_twice_from_one_annotator_is_refused() -> None:
    with pytest.raises(EvaluationError, match="p1: stands 2 times, from no named annotator"):
        align([*GOLD, pair(1, "favor")], GOLD)


def test_labels_outside_the_set_are_refused_on_either_side() -> None:
    with pytest.raises(LabelError, match=r"prediction p2: Unknown label 'con'.*favor, against, neutral"):
        align(GOLD, [pair(1, "favor"), pair(2, "con"), pair(3, "neutral")])
    with pytest.raises(LabelError, match="gold, pair p2: Unknown label 'con'"):
        align([pair(1, "favor"), pair(2, "con")], GOLD)
    with pytest.raises(LabelError, match="The declared label set has: favor, against"):
        align(GOLD, GOLD, labels=LabelSet(("favor", "against")))


def test_unclear_and_unlabelled_gold_is_left_out_and_said() -> None:
    found = align([*GOLD, pair(4, "unclear"), pair(5, None)], GOLD)
    assert (found.n, found.left_out["unclear"], found.left_out["unlabelled"]) == (3, 1, 1)
    assert len(found.messages) == 2


def test_gold_without_a_scorable_pair_is_refused() -> None:
    with pytest.raises(EvaluationError, match="1 have no label and 1 are 'unclear'"):
        align([pair(1, None), pair(2, "unclear")], GOLD)
    with pytest.raises(EvaluationError, match="no labelled pair"):
        align([], GOLD)


def test_several_annotators_are_settled_by_gold_then_by_agreement_else_unclear() -> None:
    rows = [
        pair(1, "favor", annotator="x"),
        pair(1, "against", annotator="gold"),
        pair(2, "favor", annotator="x"),
        pair(2, "favor", annotator="y"),
        pair(3, "favor", annotator="x"),
        pair(3, "neutral", annotator="y"),
    ]
    found = align(rows, GOLD)
    assert [one.label for one in found.gold] == ["against", "favor"]
    assert found.left_out["unclear"] == 1


def test_articles_are_taken_apart_into_pairs() -> None:
    def article(label: str) -> Article:
        text = "She said: We want the tunnel."
        return Article(
            id="a",
            text=text,
            targets=(Target(id="t", name="tunnel"),),
            quotes=(Quote(id="q", spans=(Span.of(text, 10, 29),), stances=(Stance(target="t", label=label),)),),
        )

    found = align([article("favor")], [article("against")])
    assert found.gold[0].quote_text == "We want the tunnel."
    assert found.predicted_labels == ["against"]


def test_equal_ids_with_different_questions_are_refused() -> None:
    with pytest.raises(
        EvaluationError, match="pair p1: its target is 'tunnel' in gold and 'harbour' in the predictions"
    ):
        align(GOLD[:1], [replace(GOLD[0], target="harbour")])
    with pytest.raises(EvaluationError, match="pair p1: its text"):
        align(GOLD[:1], [replace(GOLD[0], text="Another text.")])


def test_probabilities_are_in_the_order_of_the_labels_and_sum_to_one() -> None:
    found = align(GOLD[:1], [pair(1, "favor", probabilities={"neutral": 0.1, "favor": 0.7, "against": 0.21})])
    assert found.probabilities is not None
    np.testing.assert_allclose(found.probabilities, [[0.7 / 1.01, 0.21 / 1.01, 0.1 / 1.01]])


@pytest.mark.parametrize(
    "wrong",
    [
        {"favor": 0.9, "against": 0.9, "neutral": 0.1},
        {"favor": 1.5, "against": -0.5, "neutral": 0.0},
        {"favor": float("nan"), "against": 0.5, "neutral": 0.5},
    ],
)
def test_probabilities_that_are_none_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(EvaluationError, match="prediction p1: its probabilities"):
        align(GOLD[:1], [pair(1, "favor", probabilities=wrong)])


def test_probabilities_of_other_labels_are_refused() -> None:
    with pytest.raises(LabelError, match="probabilities for pro, con"):
        align(GOLD[:1], [pair(1, "favor", probabilities={"pro": 0.5, "con": 0.5})])


def test_probabilities_of_some_predictions_only_are_not_used() -> None:
    sure = {"favor": 1.0, "against": 0.0, "neutral": 0.0}
    found = align(GOLD, [pair(1, "favor", probabilities=sure), pair(2, "favor"), pair(3, "neutral")])
    assert found.probabilities is None
    assert "Only 1 of 3" in found.messages[0]


def test_pairs_without_group_stand_for_themselves_and_that_is_said() -> None:
    found = align([pair(1, "favor"), pair(2, "favor")], GOLD)
    assert len(found.group_names) == 2
    assert "name no group" in found.messages[-1]


def signed(number: int, label: str, model: str) -> Pair:
    return pair(number, label, group="a", annotator=f"model:{model}")


def test_labels_that_a_model_wrote_are_refused_as_gold_for_itself_and_warned_of_for_another() -> None:
    own = [signed(1, "favor", "m@1"), pair(2, "against", group="a")]
    with pytest.raises(
        EvaluationError, match=r"1 of 2 gold labels, such as that of pair p1, were written by m@1.*itself"
    ):
        align(own, [signed(1, "favor", "m@1"), signed(2, "against", "m@1")])
    found = align(own, [signed(1, "favor", "m@2"), signed(2, "against", "m@2")])
    assert found.warnings == (
        "1 of 2 gold labels were written by a model (m@1), not by people: the scores are agreement with it.",
    )


def test_labels_by_people_under_any_name_are_gold_without_a_warning() -> None:
    people = [pair(number, "favor", group="a", annotator=name) for number, name in enumerate((None, "gold", "llm-1"))]
    assert align(people, [signed(number, "favor", "m@1") for number in range(3)]).warnings == ()


def test_the_table_of_predict_is_known_for_a_models_and_a_label_beside_its_answer_for_ones_own() -> None:
    answered = pair(1, "favor", group="a", probabilities={"favor": 1.0}, extra={"model": "m@1"})
    beside = replace(answered, extra={"model": "m@1", "predicted": "favor"})
    assert (answered.model, beside.model) == ("m@1", None)
    assert pair(1, "favor", extra={"model": "Ford@Detroit"}).model is None
