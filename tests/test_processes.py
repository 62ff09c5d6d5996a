"""Several processes train what one does: each takes its rows of every batch, and the first one writes."""

import json
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

from little_material import recipe as little_recipe
from little_material import recipe_file, table
from quotestance.data.labels import CODEBOOK, LabelSet
from quotestance.data.pair_tables import read_pairs
from quotestance.models.stance import StanceClassifier, weights_revision
from quotestance.training.fit import fit
from quotestance.training.loss import Loss
from quotestance.training.material import read_training_material
from quotestance.training.plan import planned
from quotestance.training.processes import Processes, backend, joined
from quotestance.training.recipe import Recipe, RecipeError
from quotestance.training.start import untrained
from quotestance.training.teachers import Teachers
from quotestance.training.trainer import Trainer


@given(st.lists(st.integers(), max_size=30), st.integers(1, 5))
def test_every_row_is_in_one_process_and_the_shares_are_even(rows: list[int], size: int) -> None:
    shares = [Processes(rank, size).share(rows) for rank in range(size)]
    assert sorted(row for share in shares for row in share) == sorted(rows)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_one_process_alone_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with joined() as processes:
        assert processes == Processes(0, 1)
        assert processes.leads
        assert processes.told(7) == 7
    assert not Processes(1, 2).leads


def test_each_process_takes_a_gpu_of_its_own_unless_all_compute_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "set_device", taken.append)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    monkeypatch.setenv("LOCAL_RANK", "0")
    assert backend(None) == backend("cuda") == "nccl"
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert backend("cpu") == "gloo"
    with pytest.raises(
        RecipeError, match=r"2 processes, but this machine has 1 GPU: .*--nproc-per-node 1, .*--device cpu"
    ):
        backend(None)
    assert taken == [0, 0]


@dataclass(frozen=True)
class OnAWire(Processes):
    """A process of two that notes what the leader says, and hears what was said before."""

    wire: list[Any] = field(default_factory=list)
    heard: list[int] = field(default_factory=list)

    def told(self, value: Any) -> Any:
        if self.leads:
            self.wire.append(value)
        self.heard.append(1)
        return self.wire[len(self.heard) - 1]


@pytest.mark.parametrize("disk", ["shared", "its own"])
def test_a_process_that_comes_late_hears_the_teachers_answers_like_every_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disk: str
) -> None:
    """The leader has asked and written already; the other takes part in as many rounds all the same, and asks nobody."""
    pairs = read_pairs(table(tmp_path / "t.jsonl", rows=8))
    wire: list[Any] = []

    def ask(rank: int, cache: Path) -> tuple[list[Any], int]:
        processes = OnAWire(rank, 2, wire)
        given = {"temperature": 2.0, "device": "cpu", "processes": processes}
        teachers = Teachers(["stance-small"], CODEBOOK, cache=cache, **given)  # type: ignore[arg-type]
        answers = [teachers(some).tolist() for some in (pairs[:5], pairs[:3], pairs, [])]
        return answers, len(processes.heard)

    led = ask(0, tmp_path / "c.npz")
    monkeypatch.setattr(StanceClassifier, "from_pretrained", None)
    assert ask(1, tmp_path / ("c.npz" if disk == "shared" else "d.npz")) == led
    assert [len(answers) for answers in led[0]] == [5, 3, 8, 0]


TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
TRAIN = """
import json, os, signal, sys
from quotestance.training import run
from quotestance.training.fit import fit
from quotestance.training.recipe import Recipe

save = run.save_checkpoint

def save_and_die(*args, **kwargs):
    save(*args, **kwargs)
    if kwargs["step"] >= int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

run.save_checkpoint = save_and_die
fit(Recipe.model_validate(json.loads(sys.argv[1])), sys.argv[2])
"""


def in_two_processes(recipe: Recipe, out: Path, *, killed_at: int = 10**9) -> int:
    """Train under torchrun; the first process may be killed after a checkpoint. Returns the exit code."""
    script = out.parent / "train.py"
    script.write_text(TRAIN, encoding="utf-8")
    return subprocess.run(
        [*TORCHRUN, str(script), recipe.model_dump_json(), str(out), str(killed_at)], check=False
    ).returncode


def test_two_processes_train_what_one_does(tmp_path: Path) -> None:
    """By the command that the documents give."""
    recipe = little_recipe(tmp_path, epochs=4, learning_rate=3e-3, averaging=0.5, accumulate=2, class_weights=True)
    fit(recipe, tmp_path / "one", device="cpu")
    file = recipe_file(tmp_path / "two.toml", recipe)
    command = [
        *TORCHRUN,
        "-m",
        "quotestance.cli",
        "train",
        str(file),
        "--out",
        str(tmp_path / "two"),
        "--device",
        "cpu",
    ]
    subprocess.run(command, check=True)
    one, two = (json.loads((tmp_path / name / "quotestance.json").read_text()) for name in ("one", "two"))
    assert (one["processes"], two["processes"]) == (1, 2)
    assert two["dev_score"] == pytest.approx(one["dev_score"], abs=0.02)
    alone, together = (load_file(tmp_path / name / "model.safetensors") for name in ("one", "two"))
    for name, weights in alone.items():
        assert weights.float().allclose(together[name].float(), atol=5e-3), name


@pytest.mark.slow
@pytest.mark.parametrize("drawn", [{"dropout": 0.1}, {"token_dropout": 0.2}])
def test_two_processes_that_were_killed_go_on_to_the_same_weights(tmp_path: Path, drawn: dict[str, float]) -> None:
    recipe = little_recipe(tmp_path, epochs=2, **drawn)
    assert in_two_processes(recipe, tmp_path / "whole") == 0
    assert in_two_processes(recipe, tmp_path / "killed", killed_at=6) not in (0, -signal.SIGKILL)
    assert (tmp_path / "killed" / "run" / "checkpoint.pt").exists()
    assert in_two_processes(recipe, tmp_path / "killed") == 0
    assert weights_revision(tmp_path / "killed") == weights_revision(tmp_path / "whole")


@dataclass(frozen=True)
class Adding(Processes):
    """A process of two that knows what the other had."""

    others: list[float] = field(default_factory=list)

    def told(self, value: Any) -> Any:
        return value

    def summed(self, value: float, device: torch.device) -> float:
        self.others.append(value)
        return sum(self.others)


def test_the_loss_that_is_shown_is_that_of_all_rows_whoever_computed_them(tmp_path: Path) -> None:
    recipe = little_recipe(tmp_path)
    labels = LabelSet(recipe.labels)
    classifier = untrained(recipe, labels, "cpu")
    parts, _ = read_training_material(recipe, None, labels)
    batch = max(planned(recipe, parts, classifier.inputs, labels)[0], key=lambda step: len(step[0]))
    others: list[float] = []

    def loss(processes: Processes) -> float:
        given = {"steps": 1, "checkpoint": tmp_path / "c.pt", "processes": processes, "precision": "fp32"}
        return Trainer(recipe, classifier, Loss(recipe, None), **given).gradients(batch, 1)["loss"]  # type: ignore[arg-type]

    alone = loss(Processes())
    both = [Adding(rank, 2, others) for rank in (0, 1)]
    first, whole = (loss(one) for one in both)
    assert first < whole == pytest.approx(alone, rel=1e-5)
