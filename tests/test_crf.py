"""The CRF agrees with brute force over every tag sequence."""

from itertools import pairwise, product

import pytest
import torch

from quotestance.models.learned.crf import NEVER, LinearChainCRF

TAGS = 3


def crf(*, all_allowed: bool = False) -> LinearChainCRF:
    """Tags O, B, I: I follows B or I only, and does not begin."""
    allowed = torch.ones(TAGS, TAGS, dtype=torch.bool)
    first = torch.ones(TAGS, dtype=torch.bool)
    last = torch.ones(TAGS, dtype=torch.bool)
    if not all_allowed:
        allowed[0, 2] = False
        first[2] = False
        last[1] = False
    torch.manual_seed(3)
    built = LinearChainCRF(allowed, first, last)
    for parameter in built.parameters():
        torch.nn.init.normal_(parameter)
    return built


def score(model: LinearChainCRF, emissions: torch.Tensor, tags: tuple[int, ...]) -> float:
    steps, begin, finish = (
        model.transitions + model.never,
        model.begin + model.never_first,
        model.finish + model.never_last,
    )
    total = begin[tags[0]] + finish[tags[-1]] + sum(emissions[place, tag] for place, tag in enumerate(tags))
    return float((total + sum(steps[one, other] for one, other in pairwise(tags))).detach())


@pytest.mark.parametrize("length", [1, 2, 5])
@pytest.mark.parametrize("all_allowed", [True, False])
def test_likelihoods_and_best_tags_agree_with_brute_force(length: int, all_allowed: bool) -> None:
    model = crf(all_allowed=all_allowed)
    emissions = torch.randn(1, length, TAGS)
    mask = torch.ones(1, length, dtype=torch.bool)
    every = list(product(range(TAGS), repeat=length))
    scores = torch.tensor([score(model, emissions[0], tags) for tags in every], dtype=torch.float64)
    best = every[int(scores.argmax())]
    assert model.viterbi(emissions, mask) == [list(best)]
    for number in (0, int(scores.argmax()), len(every) - 1):
        if scores[number] < NEVER / 2:
            continue
        loss = model.negative_log_likelihood(emissions, torch.tensor([every[number]]), mask)
        assert loss.item() == pytest.approx(float(scores.logsumexp(0) - scores[number]), abs=1e-3)


def test_a_shorter_sequence_in_a_batch_is_scored_as_if_alone() -> None:
    model = crf()
    emissions = torch.randn(2, 6, TAGS)
    mask = torch.tensor([[True] * 6, [True] * 3 + [False] * 3])
    tags = torch.tensor([[0, 1, 2, 2, 0, 0], [1, 2, 0, 0, 0, 0]])
    together = model.negative_log_likelihood(emissions, tags, mask)
    alone = model.negative_log_likelihood(emissions[1:, :3], tags[1:, :3], mask[1:, :3])
    assert together[1].item() == pytest.approx(alone.item(), abs=1e-4)
    assert model.viterbi(emissions, mask)[1] == model.viterbi(emissions[1:, :3], mask[1:, :3])[0]


def test_what_is_not_allowed_is_never_decoded() -> None:
    model = crf()
    emissions = torch.zeros(40, 7, TAGS)
    emissions[..., 2] = 5.0  # everything pulls towards I
    emissions += torch.randn_like(emissions)
    for path in model.viterbi(emissions, torch.ones(40, 7, dtype=torch.bool)):
        assert path[0] != 2
        assert path[-1] != 1
        assert all(not (one == 0 and other == 2) for one, other in pairwise(path))


def test_learning_finds_a_pattern_that_only_transitions_tell() -> None:
    """Emissions are noise; the tags alternate. Transitions must learn it, and the gradients be numbers."""
    model = LinearChainCRF(
        torch.ones(2, 2, dtype=torch.bool), torch.ones(2, dtype=torch.bool), torch.ones(2, dtype=torch.bool)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    tags = torch.tensor([[0, 1, 0, 1, 0, 1], [1, 0, 1, 0, 1, 0]])
    mask = torch.ones(2, 6, dtype=torch.bool)
    for _ in range(60):
        optimizer.zero_grad()
        loss = model.negative_log_likelihood(torch.zeros(2, 6, 2), tags, mask).sum()
        loss.backward()
        optimizer.step()
    hint = torch.zeros(1, 6, 2)
    hint[0, 0, 1] = 3.0
    assert model.viterbi(hint, mask[:1]) == [[1, 0, 1, 0, 1, 0]]


def test_what_a_teacher_finds_likely_is_weighed_over_every_path() -> None:
    teacher, model = crf(), crf()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter)
    lengths = (4, 2)
    taught, emissions = torch.randn(2, 4, TAGS), torch.randn(2, 4, TAGS)
    mask = torch.tensor([[step < length for step in range(4)] for length in lengths])
    expected = 0.0
    for row, length in enumerate(lengths):
        every = list(product(range(TAGS), repeat=length))
        thought = torch.tensor([score(teacher, taught[row], tags) for tags in every]).softmax(0)
        own = torch.tensor([score(model, emissions[row], tags) for tags in every]).log_softmax(0)
        expected -= float((thought * own.clamp(min=NEVER)).sum())
    loss = model.cross_entropy(emissions, teacher, taught, mask)
    assert float(loss.detach()) == pytest.approx(expected, abs=1e-2)


def test_only_the_pupil_gets_gradients_and_none_when_it_agrees() -> None:
    teacher, emissions = crf(), torch.randn(1, 5, TAGS)
    mask = torch.ones(1, 5, dtype=torch.bool)
    pupil = emissions.clone().requires_grad_()
    crf().cross_entropy(pupil, teacher, emissions, mask).backward()
    assert pupil.grad is not None
    assert pupil.grad.abs().max() < 1e-4
    assert all(parameter.grad is None for parameter in teacher.parameters())
    other = (-emissions).requires_grad_()
    crf().cross_entropy(other, teacher, emissions, mask).backward()
    assert other.grad is not None
    assert other.grad.abs().max() > 1e-2
