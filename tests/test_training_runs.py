"""A run that is stopped, at whatever moment, is finished by the same command to the same model; one whose material changed is not taken for it."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from little_material import recipe as little_recipe
from little_material import table
from quotestance.models.folders import SHIPPED, ModelError
from quotestance.models.stance import StanceClassifier, weights_revision
from quotestance.training import finish, trainer, whole_model
from quotestance.training.fit import fit
from quotestance.training.loop import CheckpointError
from quotestance.training.recipe import Recipe, RecipeError
from tiny_encoders import tiny_encoder

KILLS = 8
TRAIN = """
import json, os, signal, sys
from quotestance.training import whole_model
from quotestance.training.fit import fit
from quotestance.training.recipe import Recipe

put_in_place = whole_model.put_in_place

def put_and_die(made, place):
    put_in_place(made, place)
    if place.name == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)

whole_model.put_in_place = put_and_die
print("begins", flush=True)
fit(Recipe.model_validate(json.loads(sys.argv[1])), sys.argv[2])
"""


def settings_of(folder: Path) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads((folder / "quotestance.json").read_text(encoding="utf-8"))
    return settings


def command(recipe: Recipe, out: Path, dies_at: str = "") -> list[str]:
    return [sys.executable, "-c", TRAIN, recipe.model_dump_json(), str(out), dies_at]


def assert_same_model(one: Path, other: Path) -> None:
    """Weights, settings but for times, tokenizer; and nothing is left of the run but what was answered and said."""
    assert weights_revision(one) == weights_revision(other)
    for key in ("temperature", "dev", "dev_score", "digests", "precision"):
        assert settings_of(one)[key] == settings_of(other)[key], key
    losses = [[epoch["loss"] for epoch in settings_of(folder)["epochs"]] for folder in (one, other)]
    assert losses[0] == losses[1]
    assert {file.name for file in one.iterdir()} == {file.name for file in other.iterdir()}
    assert not list((one / "run").iterdir())
    StanceClassifier.from_pretrained(one, device="cpu")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Recipe, Path]:
    folder = tmp_path_factory.mktemp("whole")
    recipe = little_recipe(folder, epochs=3, token_dropout=0.1, checkpoint_steps=3)
    fit(recipe, folder / "m", device="cpu")
    return recipe, folder / "m"


def test_killed_while_the_model_is_put_in_place_the_run_is_finished_to_the_same_model(
    whole: tuple[Recipe, Path], tmp_path: Path
) -> None:
    recipe, unbroken = whole
    killed = subprocess.run(command(recipe, tmp_path / "m", "model.safetensors"), check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / "m" / "model.safetensors").exists()
    with pytest.raises(ModelError):
        StanceClassifier.from_pretrained(tmp_path / "m")
    fit(recipe, tmp_path / "m", device="cpu")
    assert_same_model(tmp_path / "m", unbroken)


@pytest.mark.parametrize("moment", ["fingerprint", "write_card", "put_in_place", "checkpoint"])
def test_stopped_at_any_step_of_finishing_over_an_older_model_the_run_is_finished(
    whole: tuple[Recipe, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    recipe, unbroken = whole
    shutil.copytree(unbroken, tmp_path / "m")
    later = recipe.model_copy(update={"seed": 99})

    def stop(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if moment == "checkpoint":
            patch.setattr(Path, "rmdir", stop)  # all is in place, and the checkpoint still there
        else:
            patch.setattr(whole_model if moment == "put_in_place" else finish, moment, stop)
        with pytest.raises(KeyboardInterrupt):
            fit(later, tmp_path / "m", device="cpu")
    # the old model, none, or the new one: never the old settings with the new weights or the other way round
    if moment == "put_in_place":
        with pytest.raises(ModelError, match=r"has no quotestance\.json"):
            StanceClassifier.from_pretrained(tmp_path / "m")
    else:
        seed = 99 if moment == "checkpoint" else recipe.seed
        assert settings_of(tmp_path / "m")["seed"] == seed
        made = StanceClassifier.from_pretrained(tmp_path / "m", device="cpu")
        assert (made.revision == weights_revision(unbroken)) == (seed == recipe.seed)
    with monkeypatch.context() as patch:
        patch.setattr(trainer.Trainer, "step", None)  # nothing is trained any more
        fit(later, tmp_path / "m", device="cpu")
    assert settings_of(tmp_path / "m")["seed"] == 99
    assert weights_revision(tmp_path / "m") != weights_revision(unbroken)
    assert not list((tmp_path / "m" / "run").iterdir())


def test_stopped_while_the_best_seed_takes_the_place_of_an_older_model_neither_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit(little_recipe(tmp_path, seeds=[1]), tmp_path / "m", device="cpu")
    later = little_recipe(tmp_path, seeds=[2])
    put_in_place = whole_model.put_in_place

    def stop_after_weights(made: Path, place: Path) -> None:
        put_in_place(made, place)
        if place == tmp_path / "m" / "model.safetensors":
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(whole_model, "put_in_place", stop_after_weights)
        with pytest.raises(KeyboardInterrupt):
            fit(later, tmp_path / "m", device="cpu")
    with pytest.raises(ModelError, match=r"has no quotestance\.json"):
        StanceClassifier.from_pretrained(tmp_path / "m")
    fit(later, tmp_path / "m", device="cpu")
    assert weights_revision(tmp_path / "m") == weights_revision(tmp_path / "m" / "run" / "seed-2")


@pytest.mark.slow
def test_killed_at_random_moments_the_run_is_finished_to_the_same_model(
    whole: tuple[Recipe, Path], tmp_path: Path
) -> None:
    recipe, unbroken = whole
    moments, died, longest = random.Random(5), 0, 0.0
    for number in range(-1, KILLS):  # the first is not killed: it tells how long one takes
        out = tmp_path / str(number)
        process = subprocess.Popen(command(recipe, out), stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        begun = time.monotonic()
        if number < 0:
            process.wait()
            longest = time.monotonic() - begun
        else:
            time.sleep(moments.uniform(0, longest))
            process.kill()
            died += process.wait() != 0
            fit(recipe, out, device="cpu")
        process.stdout.close()
        assert_same_model(out, unbroken)
    assert died > KILLS / 2


def test_half_written_settings_are_no_finished_model(whole: tuple[Recipe, Path], tmp_path: Path) -> None:
    recipe, unbroken = whole
    shutil.copytree(unbroken, tmp_path / "m")
    said = (tmp_path / "m" / "quotestance.json").read_text(encoding="utf-8")
    (tmp_path / "m" / "quotestance.json").write_text(said[: len(said) // 2], encoding="utf-8")
    fit(recipe, tmp_path / "m", device="cpu")
    assert_same_model(tmp_path / "m", unbroken)


def test_a_model_that_does_not_say_what_it_was_made_of_is_replaced_only_when_told(
    whole: tuple[Recipe, Path], tmp_path: Path
) -> None:
    """As the shipped ones are: their recipe, given with their folder as --out, does not train for an hour over them."""
    recipe, unbroken = whole
    shutil.copytree(unbroken, tmp_path / "m")
    old = {key: value for key, value in settings_of(unbroken).items() if key != "digests"}
    (tmp_path / "m" / "quotestance.json").write_text(json.dumps(old), encoding="utf-8")
    for later in (recipe, recipe.model_copy(update={"seeds": (1, 2)})):
        with pytest.raises(RecipeError, match=r"keeps no digests .* Give another --out, or --restart"):
            fit(later, tmp_path / "m", device="cpu")
    assert settings_of(tmp_path / "m") == old
    fit(recipe, tmp_path / "m", resume=False, device="cpu")
    assert_same_model(tmp_path / "m", unbroken)


@pytest.mark.parametrize("name", SHIPPED)
def test_no_command_that_the_project_shows_writes_over_a_shipped_model(name: str) -> None:
    root = Path(__file__).parent.parent
    folders = ("data", "docs", "evaluate", "models", "training", "src")
    found = [page for folder in folders for ending in ("md", "py") for page in (root / folder).rglob(f"*.{ending}")]
    pages = [root / "Makefile", *root.glob("*.md"), *found]
    shown = [page for page in pages if re.search(rf"--out models/({name}|\$)", page.read_text(encoding="utf-8"))]
    assert [page.name for page in shown] == []


@pytest.fixture
def changing(tmp_path: Path) -> Recipe:
    """A recipe whose every source lies in `tmp_path` and may be changed."""
    fit(little_recipe(tmp_path), tmp_path / "teacher", device="cpu")
    table(tmp_path / "dev.jsonl", rows=12)
    return little_recipe(tmp_path, dev=[{"material": str(tmp_path / "dev.jsonl")}], teacher=str(tmp_path / "teacher"))


def change(what: str, folder: Path) -> None:
    if what == "training material":
        line = {"text": "We welcome tea.", "target": "tea", "label": "favor", "group": "new"}
        with open(folder / "train.jsonl", "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    elif what == "dev material":
        text = (folder / "dev.jsonl").read_text(encoding="utf-8")
        (folder / "dev.jsonl").write_text(text.replace("reject", "disdain", 1), encoding="utf-8")
    elif what == "start model":
        tiny_encoder("bert", folder / "encoder of recipe", seed=1)
    else:
        fit(little_recipe(folder, seed=7), folder / "teacher", device="cpu")


CHANGES = ["training material", "dev material", "start model", "teacher"]


@pytest.mark.parametrize("what", CHANGES)
def test_a_finished_model_of_changed_sources_is_made_anew_and_it_is_said_what_changed(
    changing: Recipe, tmp_path: Path, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    fit(changing, tmp_path / "m", device="cpu")
    before = settings_of(tmp_path / "m")["digests"]
    change(what, tmp_path)
    fit(changing, tmp_path / "m", device="cpu")
    after = settings_of(tmp_path / "m")["digests"]
    assert [name for name in after if after[name] != before[name]] == [what]
    assert f"was made of another {what}: training anew" in caplog.text


@pytest.mark.parametrize("what", CHANGES)
def test_a_checkpoint_of_changed_sources_is_refused_with_what_changed(
    changing: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def stop(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(trainer.Trainer, "_end_epoch", stop)
        with pytest.raises(KeyboardInterrupt):
            fit(changing, tmp_path / "m", device="cpu")
    change(what, tmp_path)
    with pytest.raises(
        CheckpointError, match=f"belongs to a run of another {what}\\. Give another --out, or --restart"
    ):
        fit(changing, tmp_path / "m", device="cpu")
    fit(changing, tmp_path / "m", resume=False, device="cpu")
    assert settings_of(tmp_path / "m")["seed"] == changing.seed


def test_seeds_of_changed_material_are_all_trained_anew(tmp_path: Path) -> None:
    recipe = little_recipe(tmp_path, seeds=[1, 2])
    fit(recipe, tmp_path / "m", device="cpu")
    folders = [tmp_path / "m", *(tmp_path / "m" / "run" / f"seed-{seed}" for seed in (1, 2))]
    before = [weights_revision(folder) for folder in folders]
    change("training material", tmp_path)
    fit(recipe, tmp_path / "m", device="cpu")
    assert all(weights_revision(folder) != old for folder, old in zip(folders, before, strict=True))


def test_the_loss_of_an_epoch_is_the_mean_of_its_own_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[float] = []
    step = trainer.Trainer.step

    def noted(self: trainer.Trainer, batches: Any, number: int) -> dict[str, float]:
        parts = step(self, batches, number)
        steps.append(sum(parts.values()))
        return parts

    monkeypatch.setattr(trainer.Trainer, "step", noted)
    fit(little_recipe(tmp_path, epochs=2), tmp_path / "m", device="cpu")
    first, second = (epoch["loss"] for epoch in settings_of(tmp_path / "m")["epochs"])
    half = len(steps) // 2
    assert first == pytest.approx(sum(steps[:half]) / half)
    assert second == pytest.approx(sum(steps[half:]) / half)


@pytest.mark.skipif(os.name == "nt", reason="has no such modes")
def test_everyone_may_read_every_file_of_a_new_model_as_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        fit(little_recipe(tmp_path), tmp_path / "m", device="cpu")
    finally:
        os.umask(before)
    modes = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "m").iterdir() if file.is_file()}
    assert set(modes.values()) == {0o644}, modes
