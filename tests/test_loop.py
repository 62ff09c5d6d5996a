"""The pieces of training loops: batches, schedule, moving average, checkpoints that go on as if nothing had happened."""

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from quotestance.training.disk import DiskError
from quotestance.training.loop import (
    FEWEST_TOKENS,
    SCHEDULES,
    CheckpointError,
    WeightAverage,
    fitting_budget,
    fused_adamw,
    load_checkpoint,
    mask_tokens,
    save_checkpoint,
    set_rate,
    share_of_peak,
    token_budget_batches,
)
from quotestance.training.run import summed_in_order


@given(st.lists(st.integers(1, 300), max_size=200), st.integers(50, 600), st.integers(0, 5))
def test_every_row_is_in_one_batch_and_no_batch_exceeds_the_budget(lengths: list[int], budget: int, epoch: int) -> None:
    batches = token_budget_batches(lengths, budget, seed=1, epoch=epoch)
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or max(lengths[row] for row in batch) * len(batch) <= budget


def test_batches_are_the_same_for_the_same_seed_and_others_in_another_epoch() -> None:
    lengths = [10 + number % 7 for number in range(100)]
    assert token_budget_batches(lengths, 100, 3, 0) == token_budget_batches(lengths, 100, 3, 0)
    assert token_budget_batches(lengths, 100, 3, 0) != token_budget_batches(lengths, 100, 3, 1)
    assert token_budget_batches(lengths, 100, 3, 0) != token_budget_batches(lengths, 100, 4, 0)


def test_few_rows_are_given_smaller_batches_so_that_there_are_enough_of_them() -> None:
    few, many = [45] * 500, [45] * 5000
    assert len(token_budget_batches(few, 4096, 1, 0)) < 8
    assert 20 <= len(token_budget_batches(few, fitting_budget(few, 4096, 20), 1, 0)) <= 23
    assert fitting_budget(many, 4096, 20) == 4096
    assert fitting_budget([45] * 50, 4096, 20) == FEWEST_TOKENS
    assert fitting_budget([45] * 50, 64, 20) == 64
    assert fitting_budget(few, 4096, 0) == 4096


def test_the_rate_rises_to_its_peak_and_falls_towards_zero() -> None:
    rates = [share_of_peak(step, 100, 0.1) for step in range(1, 101)]
    assert rates[9] == max(rates) == 1
    assert rates[:10] == sorted(rates[:10])
    assert rates[9:] == sorted(rates[9:], reverse=True)
    assert rates[-1] < 0.02


def test_half_a_wave_falls_slowly_first_and_last_and_a_constant_rate_does_not() -> None:
    straight, wave, level = (
        [share_of_peak(step, 100, 0.1, schedule) for step in range(1, 101)]
        for schedule in ("linear", "cosine", "constant")
    )
    assert straight[:10] == wave[:10] == level[:10]
    assert wave[10:] == sorted(wave[10:], reverse=True)
    assert wave[20] > straight[20]
    assert wave[54] == pytest.approx(straight[54], abs=0.01)
    assert wave[90] < straight[90]
    assert set(level[9:]) == {1}


@given(st.integers(1, 300), st.floats(0, 0.99), st.sampled_from(sorted(SCHEDULES)))
def test_no_step_stands_still(total: int, warmup: float, schedule: str) -> None:
    rates = [share_of_peak(step, total, warmup, schedule) for step in range(1, total + 1)]
    assert all(0 < rate <= 1 for rate in rates)


def test_heads_learn_faster_and_vectors_do_not_decay() -> None:
    model = torch.nn.ModuleDict({"encoder": torch.nn.Linear(2, 2), "head": torch.nn.Linear(2, 2)})
    optimizer = fused_adamw(dict(model.named_parameters()), learning_rate=1.0, weight_decay=0.5, faster={"head": 4.0})
    set_rate(optimizer, 0.1)
    found = {id(p): (group["lr"], group["weight_decay"]) for group in optimizer.param_groups for p in group["params"]}
    assert found[id(model["encoder"].weight)] == (0.1, 0.5)
    assert found[id(model["encoder"].bias)] == (0.1, 0.0)
    assert found[id(model["head"].weight)] == (0.4, 0.5)


def test_the_average_follows_and_is_only_lent_to_the_model() -> None:
    model = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(model.weight)
    average = WeightAverage(model, decay=0.5)
    torch.nn.init.ones_(model.weight)
    average.update()  # decay is min(0.5, 2 / 11): early on it forgets faster
    expected = 1 - 2 / 11
    with average.applied():
        assert model.weight.item() == pytest.approx(expected)
    assert model.weight.item() == 1


def test_what_is_kept_lies_a_share_of_the_way_back_to_the_start() -> None:
    model = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(model.weight, 2.0)
    average = WeightAverage(model, decay=0.0, remembers_start=True)
    torch.nn.init.constant_(model.weight, 6.0)
    average.update()
    assert average.kept(0.25)["weight"].item() == 5.0
    with average.applied(0.25):
        assert model.weight.item() == 5.0
    assert model.weight.item() == 6.0


def test_gradients_of_words_that_are_read_in_several_places_are_summed_in_one_order() -> None:
    torch.manual_seed(0)
    words, places = torch.randn(8, 32, requires_grad=True), torch.randint(0, 8, (100_000,))
    weights = torch.randn(100_000, 32)

    def gradient() -> torch.Tensor:
        words.grad = None
        with summed_in_order(torch.device("cpu")):
            (words[places] * weights).sum().backward()
        assert words.grad is not None
        return words.grad

    first = gradient().clone()
    assert all(torch.equal(first, gradient()) for _ in range(10))
    assert not torch.are_deterministic_algorithms_enabled()


def test_an_average_without_decay_is_the_last_weights() -> None:
    model = torch.nn.Linear(1, 1, bias=False)
    average = WeightAverage(model, decay=0.0)
    torch.nn.init.constant_(model.weight, 7.0)
    average.update()
    assert average.weights["weight"].item() == 7


def run(steps: int, *, stop_at: int | None = None, at: Path | None = None, go_on: bool = False) -> list[float]:
    """A little training with random noise in it; its weights after each step."""
    torch.manual_seed(0)
    model = torch.nn.Linear(3, 1)
    optimizer = fused_adamw(dict(model.named_parameters()), learning_rate=0.05, weight_decay=0.01)
    average = WeightAverage(model, decay=0.9)
    first = 0
    if go_on and at is not None:
        first, extra = load_checkpoint(at, model=model, optimizer=optimizer, average=average, run={"recipe": "r"})
        assert extra["note"] == "kept"
    seen = []
    for step in range(first, steps):
        if step == stop_at and at is not None:
            save_checkpoint(
                at,
                model=model,
                optimizer=optimizer,
                average=average,
                step=step,
                run={"recipe": "r"},
                extra={"note": "kept"},
            )
            return seen
        set_rate(optimizer, 0.05 * share_of_peak(step + 1, steps, 0.1))
        loss = (model(torch.randn(4, 3)) - 1).square().mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        average.update()
        seen.append(float(sum(value.sum() for value in average.weights.values())))
    return seen


def test_a_run_that_stopped_goes_on_as_if_it_had_not(tmp_path: Path) -> None:
    whole = run(12)
    before = run(12, stop_at=5, at=tmp_path / "c.pt")
    after = run(12, at=tmp_path / "c.pt", go_on=True)
    assert before + after == whole


def test_a_checkpoint_of_another_recipe_is_refused(tmp_path: Path) -> None:
    run(4, stop_at=2, at=tmp_path / "c.pt")
    model = torch.nn.Linear(3, 1)
    optimizer = fused_adamw(dict(model.named_parameters()), learning_rate=0.1, weight_decay=0.0)
    with pytest.raises(CheckpointError, match="another recipe"):
        load_checkpoint(
            tmp_path / "c.pt", model=model, optimizer=optimizer, average=WeightAverage(model), run={"recipe": "other"}
        )


class Trap:
    def __reduce__(self) -> Any:
        return (print, ("code was run",))


def test_a_checkpoint_with_code_in_it_is_refused_and_not_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save({"recipe": "r", "step": Trap()}, tmp_path / "c.pt")
    model = torch.nn.Linear(3, 1)
    optimizer = fused_adamw(dict(model.named_parameters()), learning_rate=0.1, weight_decay=0.0)
    with pytest.raises(CheckpointError, match="can't be read"):
        load_checkpoint(
            tmp_path / "c.pt", model=model, optimizer=optimizer, average=WeightAverage(model), run={"recipe": "r"}
        )
    assert "code was run" not in capsys.readouterr().out


def test_a_crash_while_writing_leaves_the_old_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c.pt"
    run(4, stop_at=2, at=path)
    old = path.read_bytes()

    def half_written(state: Any, stream: Any) -> None:
        stream.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(torch, "save", half_written)
    with pytest.raises(DiskError, match="disk full"):
        run(4, stop_at=3, at=path)
    assert path.read_bytes() == old
    assert [file.name for file in tmp_path.iterdir()] == ["c.pt"]


def test_masking_spares_special_tokens_and_is_another_each_time() -> None:
    class Tokenizer:
        mask_token_id, all_special_ids = 4, [0, 1, 2, 4]

    torch.manual_seed(0)
    ids = torch.cat([torch.zeros(1000, dtype=torch.int64), torch.full((1000,), 9)])[None]
    first, second = ids.clone(), ids.clone()
    mask_tokens(first, Tokenizer, 0.2)
    mask_tokens(second, Tokenizer, 0.2)
    assert (first[0, :1000] == 0).all()
    assert 150 < int((first == 4).sum()) < 250
    assert not torch.equal(first, second)
    untouched = ids.clone()
    mask_tokens(untouched, Tokenizer, 0.0)
    assert torch.equal(untouched, ids)
