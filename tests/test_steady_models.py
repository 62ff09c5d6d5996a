"""A run keeps to the models, the precision and the kind of device that it began with."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from quotestance.inference import ray_engine, runs, steady_models
from quotestance.inference.ray_engine import Cluster
from quotestance.inference.runs import RunError
from quotestance.inference.steady_models import SteadyModels
from quotestance.models import load_quote_finder, load_stance_model, precision
from quotestance.models.folders import ModelError, checked_folder, folder_digest, model_folder
from stance_by_words import StanceByWords
from test_runs import go, interrupted, table

CPU = {"device": "cpu", "precision": "auto"}


def steady(tmp_path: Path, **options: object) -> SteadyModels:
    return SteadyModels(tmp_path / "out.jsonl", **{**CPU, "resume": False, **options})  # type: ignore[arg-type]


def test_the_finder_of_a_resumed_run_computes_in_the_precision_it_began_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precision, "fastest", lambda *_: "bf16")
    models = steady(tmp_path)
    assert models.finder("quotes-small").precision == "bf16"  # type: ignore[attr-defined]
    assert (models.options["device"], models.options["precision"]) == ("cpu", "bf16")
    monkeypatch.setattr(precision, "fastest", lambda *_: "fp32")
    monkeypatch.setattr(steady_models, "begun_with", lambda out: models.options)
    assert steady(tmp_path, resume=True).finder("quotes-small").precision == "bf16"  # type: ignore[attr-defined]
    assert steady(tmp_path).finder("quotes-small").precision == "fp32"  # type: ignore[attr-defined]


def test_a_worker_is_given_the_finders_precision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cluster, "chosen", lambda self, precision: "bf16")
    finder = steady(tmp_path, cluster=Cluster(1, "cpu")).finder("quotes-small")
    _, (_, _, options, _) = finder.__reduce__()  # type: ignore[misc]
    assert options == {"device": "cpu", "precision": "bf16"}


@pytest.mark.parametrize(
    ("role", "shipped", "setting"), [("model", "stance-small", "temperature"), ("quotes", "quotes-small", "options")]
)
def test_another_setting_beside_the_same_weights_is_another_model_in_the_manifest(
    tmp_path: Path, role: str, shipped: str, setting: str
) -> None:
    folder = shutil.copytree(model_folder(shipped), tmp_path / "model")
    load = {"model": SteadyModels.stance, "quotes": SteadyModels.finder}[role]
    before, after = steady(tmp_path), steady(tmp_path)
    load(before, str(folder))
    settings = json.loads((folder / "quotestance.json").read_text(encoding="utf-8"))
    settings[setting] = {**settings[setting], "opening": 0.5} if role == "quotes" else settings[setting] + 1
    (folder / "quotestance.json").write_text(json.dumps(settings), encoding="utf-8")
    load(after, str(folder))
    assert before.options[role] == after.options[role]  # the short revision is that of the weights
    assert before.options[f"{role}_folder"] != after.options[f"{role}_folder"]


def test_the_digest_of_a_folder_heeds_every_file_but_hidden_ones(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "tokenizer.json").write_text("{}")
    first = folder_digest(tmp_path)
    (tmp_path / ".DS_Store").write_text("x")
    assert folder_digest(tmp_path) == first
    (tmp_path / "deep" / "tokenizer.json").rename(tmp_path / "tokenizer.json")
    assert folder_digest(tmp_path) != first


def test_what_a_training_run_keeps_in_the_folder_is_no_part_of_the_model(tmp_path: Path) -> None:
    """A log that grows and a `run/` that is deleted leave it the same model; a checkpoint there is never loaded."""
    folder = shutil.copytree(model_folder("stance-small"), tmp_path / "model")
    before = folder_digest(folder)
    (folder / "run" / "seed-1").mkdir(parents=True)
    for name in ("log.txt", "checkpoint.pt", "seed-1/checkpoint.pt", "seed-1/config.json"):
        (folder / "run" / name).write_text("begun")
    (folder / "run" / "elsewhere").symlink_to(tmp_path)
    assert folder_digest(folder) == before
    assert checked_folder(folder, needs="quotestance.json") == folder
    (folder / "deep" / "run").mkdir(parents=True)
    (folder / "deep" / "run" / "checkpoint.pt").write_text("x")
    assert folder_digest(folder) != before
    with pytest.raises(ModelError, match="could run code"):
        checked_folder(folder, needs="quotestance.json")


def test_a_worker_with_another_library_or_folder_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    load, arguments = Cluster(1, "cpu").by_name(_there, "1", _there("1", "cpu")).__reduce__()
    assert load(*arguments).revision == "1"
    monkeypatch.setattr(ray_engine, "versions", lambda _: {**runs.versions(), "torch": "0.1"})
    with pytest.raises(RunError, match=r"a worker found torch 0\.1 there instead of"):
        load(*arguments)


def _there(name: str, device: str) -> StanceByWords:
    return StanceByWords(name)


def test_a_run_is_not_resumed_with_another_version_of_a_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out = table(tmp_path / "in.jsonl"), tmp_path / "out.jsonl"
    interrupted(source, out, monkeypatch)
    now = runs.versions()
    assert {"python", "quotestance", "torch", "transformers", "tokenizers"} <= set(now)
    monkeypatch.setattr(runs, "versions", lambda: {**now, "torch": "99.0"})
    with pytest.raises(RunError, match=r"torch: was .*, is 99\.0"):
        go(source, out, resume=True)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
@pytest.mark.parametrize("name", ["gpu", "cuda", "cuda:7"])
def test_a_device_that_is_not_there_is_refused_by_name(name: str) -> None:
    for load, model in ((load_stance_model, "stance-small"), (load_quote_finder, "quotes-small")):
        with pytest.raises(ModelError, match=f"no device '{name}'"):
            load(model, device=name)
