"""What a step is taught: parts of a step add up to the whole, and two passes are drawn together."""

import numpy as np
import pytest
import torch

from quotestance.data.pairs import Pair
from quotestance.models.inputs import Encoded
from quotestance.training.examples import Example
from quotestance.training.loss import Loss, disagreement
from quotestance.training.recipe import Recipe

NO_INPUT = Encoded(np.zeros(1, np.int32), np.zeros(1, np.int32), cut=False)
NO_PAIR = Pair(id="x", text="x", target="x")


def examples(*labels: int, taught: tuple[float, ...] = ()) -> list[Example]:
    return [Example(NO_PAIR, NO_INPUT, label, taught) for label in labels]


def loss_of(**changes: object) -> Loss:
    values = {"name": "x", "train": [{"material": "a.csv"}], **changes}
    weights = torch.tensor([0.5, 1.0, 2.0]) if changes.get("class_weights") else None
    return Loss(Recipe.model_validate(values), weights)


@pytest.mark.parametrize("class_weights", [False, True])
def test_the_whole_step_is_the_mean_cross_entropy_of_torch(class_weights: bool) -> None:
    loss = loss_of(label_smoothing=0.1, class_weights=class_weights)
    logits, rows = torch.randn(5, 3), examples(0, 1, 2, 2, 1)
    gold = torch.tensor([row.label for row in rows])
    expected = torch.nn.CrossEntropyLoss(weight=loss.weights, label_smoothing=0.1)(logits, gold)
    assert float(loss(logits, rows, loss.total(rows))) == pytest.approx(float(expected), abs=1e-6)


def test_parts_of_a_step_add_up_to_the_whole() -> None:
    loss = loss_of(class_weights=True, rdrop=0.7, dropout=0.1, teacher="t", teacher_weight=0.3)
    one, other = torch.randn(5, 3), torch.randn(5, 3)
    rows = examples(0, 1, 2, 2, 1, taught=(0.2, 0.3, 0.5))
    total = loss.total(rows)
    whole = loss(torch.cat([one, other]), rows, total)
    parts = [loss(torch.cat([one[cut], other[cut]]), rows[cut], total) for cut in (slice(2), slice(2, 5))]
    assert float(sum(parts)) == pytest.approx(float(whole), abs=1e-6)


def test_equal_passes_do_not_disagree_and_others_do() -> None:
    one, other = torch.randn(4, 3), torch.randn(4, 3)
    assert float(disagreement(torch.cat([one, one]))) == pytest.approx(0, abs=1e-6)
    assert float(disagreement(torch.cat([one, other]))) > 0


def test_who_thinks_as_the_teachers_is_taught_no_more_by_them() -> None:
    logits = torch.tensor([[2.0, 0.0, -2.0]], requires_grad=True)
    taught = tuple((logits / 2.0).softmax(-1)[0].tolist())
    loss = loss_of(teacher="t", teacher_weight=1.0, teacher_temperature=2.0)
    far = loss(logits, examples(2, taught=taught), (1.0, 1))
    far.backward()
    assert float(far.detach()) == pytest.approx(0, abs=1e-6)
    assert logits.grad is not None
    assert float(logits.grad.abs().max()) < 1e-6
    assert float(loss(logits.detach(), examples(2, taught=(0.1, 0.1, 0.8)), (1.0, 1))) > 0.1
