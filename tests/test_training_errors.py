"""Material that can't teach and machines that can't write: said with the remedy, before anything is lost."""

import errno
import json
import logging
import os
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from little_material import WORDS, table
from little_material import recipe as little_recipe
from quotestance.cli import app
from quotestance.commands import train
from quotestance.data import lock
from quotestance.data.errors import QuotestanceError
from quotestance.models.stance import weights_revision
from quotestance.training.disk import DiskError, writing
from quotestance.training.fit import fit
from quotestance.training.fit_quotes import fit_quotes
from quotestance.training.quote_recipe import QuoteRecipe
from quotestance.training.recipe import RecipeError, read_recipe


def test_labels_that_are_all_equal_are_refused(tmp_path: Path) -> None:
    material = table(tmp_path / "t.jsonl", labels=("favor",))
    with pytest.raises(RecipeError, match="No training pair is labelled against or neutral"):
        fit(little_recipe(tmp_path, train=[{"material": str(material)}]), tmp_path / "m")


def test_a_label_with_one_example_is_left_to_training_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    material = table(tmp_path / "t.jsonl", labels=("favor", "against"))
    row = {"text": WORDS["neutral"].format("tea"), "target": "tea", "label": "neutral", "group": "alone"}
    with open(material, "a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    with caplog.at_level(logging.WARNING):
        fit(little_recipe(tmp_path, train=[{"material": str(material)}]), tmp_path / "m")
    assert "only 1 training pair(s) labelled neutral" in caplog.text
    settings = json.loads((tmp_path / "m" / "quotestance.json").read_text(encoding="utf-8"))
    assert settings["train_labels"]["neutral"] == 1


@pytest.mark.parametrize("material", ["nowhere.csv", "nowhere.jsonl", "nowhere/train"])
def test_material_that_is_absent_is_named(tmp_path: Path, material: str) -> None:
    with pytest.raises(QuotestanceError, match=r"nowhere.*Check the name"):
        fit(little_recipe(tmp_path, train=[{"material": material}]), tmp_path / "m")


def test_every_key_of_a_wrong_type_is_named_with_what_it_says(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text(
        'name = "x"\nepochs = "three"\nseeds = 13\ntrain = "a.csv"\n[[dev]]\nmaterial = 3\n', encoding="utf-8"
    )
    with pytest.raises(RecipeError) as refusal:
        read_recipe(path)
    said = str(refusal.value)
    assert "epochs: Input should be a valid integer" in said
    assert "seeds: Input should be a valid list (it says 13)" in said
    assert "train: Input should be a valid list. Write it as a table: [[train]]" in said
    assert "dev.0.material: Input should be a valid string (it says 3)" in said


def test_a_full_disk_is_said_and_the_checkpoint_before_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = little_recipe(tmp_path)
    fit(recipe, tmp_path / "whole")
    written: list[int] = []

    def full(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            written.append(descriptor)
        if len(written) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("quotestance.data.atomic.os.fsync", full)
        with pytest.raises(DiskError, match=r"checkpoint\.pt can't be written: No space left on device\. Make room"):
            fit(recipe, tmp_path / "m")
    left = [file.name for file in (tmp_path / "m" / "run").iterdir()]
    assert left == ["checkpoint.pt"]
    fit(recipe, tmp_path / "m")
    assert weights_revision(tmp_path / "m") == weights_revision(tmp_path / "whole")


def test_a_disk_that_fills_while_weights_are_written_is_said_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors import SafetensorError

    recipe = little_recipe(tmp_path)
    fit(recipe, tmp_path / "whole")

    def full(self: object, folder: Path, **provenance: object) -> None:
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    with monkeypatch.context() as patch:
        patch.setattr("quotestance.models.stance.StanceClassifier.save_pretrained", full)
        with pytest.raises(DiskError, match="can't be written: No space left on device"):
            fit(recipe, tmp_path / "m")
    assert (tmp_path / "m" / "run" / "checkpoint.pt").exists()
    fit(recipe, tmp_path / "m")
    assert weights_revision(tmp_path / "m") == weights_revision(tmp_path / "whole")


def test_a_disk_that_fills_after_the_weights_is_said_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = little_recipe(tmp_path)
    fit(recipe, tmp_path / "whole")

    def full(folder: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("quotestance.training.finish.write_card", full)
        with pytest.raises(DiskError, match="goes on from the last checkpoint"):
            fit(recipe, tmp_path / "m")
    assert not (tmp_path / "m" / "quotestance.json").exists()
    monkeypatch.setattr("quotestance.training.trainer.Trainer.step", None)  # nothing is trained any more
    fit(recipe, tmp_path / "m")
    assert weights_revision(tmp_path / "m") == weights_revision(tmp_path / "whole")


@pytest.mark.parametrize("file", ["teachers.npz", "search.csv"])
def test_a_disk_that_is_full_for_what_a_run_keeps_beside_its_checkpoint_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    if file == "search.csv":
        pytest.importorskip("optuna", reason="searching is an extra: quotestance[search]")
    fit(little_recipe(tmp_path), tmp_path / "teacher")
    keys = {
        "teachers.npz": {"teacher": str(tmp_path / "teacher")},
        "search.csv": {"search": {"trials": 1, "epochs": [1]}},
    }

    def full(path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(f"quotestance.training.{file.split('.')[0]}.whole_file", full)
    with pytest.raises(DiskError, match=rf"{file} can't be written: No space left"):
        fit(little_recipe(tmp_path, **keys[file]), tmp_path / "m")


def test_an_out_that_can_not_be_written_is_said_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    said = CliRunner().invoke(app, ["train", str(tmp_path / "r.toml"), "--out", str(tmp_path / "file" / "m")]).exception
    assert isinstance(said, DiskError)
    assert "file/m can't be written: Not a directory. Put that right and give the same command again" in str(said)


def test_a_folder_that_another_process_trains_into_is_refused_and_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "r.toml").write_text('name = "x"\n[[train]]\nmaterial = "a.csv"\n', encoding="utf-8")
    (tmp_path / "m" / "run" / "made").mkdir(parents=True)
    given = ["train", str(tmp_path / "r.toml"), "--out", str(tmp_path / "m")]
    begun: list[Path] = []

    def another_at_the_same_time(path: Path, out: Path, **_: object) -> tuple[str, str]:
        begun.append(out)
        said = CliRunner().invoke(app, given).exception
        assert isinstance(said, DiskError)
        assert f"{out}: process {os.getpid()} is training a model into this folder. Wait for it" in str(said)
        return "x@1", "rest"

    monkeypatch.setattr(train, "_fit", another_at_the_same_time)
    assert CliRunner().invoke(app, given).exit_code == 0
    assert len(begun) == 1
    assert (tmp_path / "m" / "run" / "made").is_dir()
    monkeypatch.setattr(train, "_fit", lambda *_, **__: ("x@1", "rest"))
    assert CliRunner().invoke(app, given).exit_code == 0


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_on_a_disk_without_locks_a_run_goes_on_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    monkeypatch.setattr(lock, "_lock", lambda _: _raise(code))
    with lock.held(tmp_path / "lock"):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
    assert f"this disk has no locks ({os.strerror(code)})" in caplog.text


def test_a_lock_that_fails_for_another_reason_is_not_taken_for_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "_lock", lambda _: _raise(errno.EIO))
    with pytest.raises(OSError, match=os.strerror(errno.EIO)), lock.held(tmp_path / "lock"):
        pass
    monkeypatch.setattr(lock, "_lock", lambda _: _raise(errno.EACCES))  # as Windows says it
    with pytest.raises(lock.Taken), lock.held(tmp_path / "lock"):
        pass


def _raise(code: int) -> None:
    raise OSError(code, os.strerror(code))


def test_other_errors_are_not_mistaken_for_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(KeyError), writing(tmp_path):
        raise KeyError("weights")


def test_a_full_disk_is_found_behind_the_error_that_came_of_it(tmp_path: Path) -> None:
    def as_torch_does() -> None:
        try:
            raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
        finally:
            raise RuntimeError("unexpected pos 24576 vs 24470")

    with pytest.raises(DiskError, match="Disk quota exceeded"), writing(tmp_path):
        as_torch_does()


def test_what_is_cut_is_counted_once_by_its_piece_and_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    material = table(tmp_path / "t.jsonl", rows=24)
    long = [
        {"text": "We support it. " * 40, "target": "tea", "label": "favor", "group": "g1"},
        {"text": "We reject it.", "target": "plan " * 60, "label": "against", "group": "g1"},
        {"text": "We reject it.", "target": "tea", "speaker": "the mayor " * 40, "label": "against", "group": "g1"},
    ]
    with open(material, "a", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in long)
    dev = table(tmp_path / "d.jsonl", rows=12)
    recipe = little_recipe(tmp_path, train=[{"material": str(material)}], dev=[{"material": str(dev)}], epochs=2)
    with caplog.at_level(logging.WARNING):
        fit(recipe, tmp_path / "m")
    settings = json.loads((tmp_path / "m" / "quotestance.json").read_text(encoding="utf-8"))
    assert settings["train_cut"] == {"inputs": 3, "quote": 1, "target": 1, "speaker": 1}
    assert "3 training inputs are too long for the encoder and are cut" in caplog.text


@pytest.mark.parametrize("key", ["start", "teacher"])
def test_a_model_that_the_run_begins_with_or_learns_from_is_not_written_over(tmp_path: Path, key: str) -> None:
    fit(little_recipe(tmp_path), tmp_path / "m")
    before = weights_revision(tmp_path / "m")
    (tmp_path / "link").symlink_to(tmp_path / "m")
    for out in (tmp_path / "m", tmp_path / "link"):
        with pytest.raises(RecipeError, match=r"which the recipe starts from or learns from.*Give another --out"):
            fit(little_recipe(tmp_path, **{key: str(tmp_path / "m")}), out, resume=False)
    assert weights_revision(tmp_path / "m") == before
    seed = tmp_path / "m" / "run" / "seed-1"
    fit(little_recipe(tmp_path), seed)
    with pytest.raises(RecipeError, match="Give another --out"):
        fit(little_recipe(tmp_path, seeds=[1], **{key: str(seed)}), tmp_path / "m", resume=False)


def test_a_quote_finder_is_not_written_over_what_it_begins_with(tmp_path: Path) -> None:
    values = {"name": "x", "task": "quotes", "train": ["a"], "dev": ["b"], "start": str(tmp_path)}
    with pytest.raises(RecipeError, match="Give another --out"):
        fit_quotes(QuoteRecipe.model_validate(values), tmp_path)


def test_an_epoch_without_a_pair_is_refused(tmp_path: Path) -> None:
    train = [{"material": str(table(tmp_path / "t.jsonl")), "share": 0.001}]
    with pytest.raises(RecipeError, match=r"no pair to train on: the shares are 0\.001 of 4\d pairs\. Raise `share`"):
        fit(little_recipe(tmp_path, train=train), tmp_path / "m")
    assert not (tmp_path / "m" / "quotestance.json").exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("seed = -1", "seed: Input should be greater than or equal to 0"),
        ("seed = 4294967296", "seed: Input should be less than or equal to 4294967295"),
        ("seeds = [1, -1]", "seeds.1: Input should be greater than or equal to 0"),
        ('task = "stanze"', "task: Input should be 'stance'"),
        ('dev = [{ material = "b.csv", weight = 0 }, { material = "c.csv", weight = 0 }]', "every weight is 0"),
    ],
)
def test_a_value_that_no_run_can_have_is_refused_when_the_recipe_is_read(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "r.toml"
    path.write_text(f'name = "x"\n{line}\n[[train]]\nmaterial = "a.csv"\n', encoding="utf-8")
    with pytest.raises(RecipeError, match=said):
        read_recipe(path)


def test_a_seed_that_is_given_beside_the_recipe_is_looked_at_too(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="seed = -1: a seed is a whole number from 0 to 4294967295"):
        fit(little_recipe(tmp_path).model_copy(update={"seed": -1}), tmp_path / "m")


def test_a_recipe_may_say_that_it_is_of_the_stance_task(tmp_path: Path) -> None:
    path, plain = tmp_path / "r.toml", 'name = "x"\n[[train]]\nmaterial = "a.csv"\n'
    path.write_text(plain, encoding="utf-8")
    before = read_recipe(path)
    path.write_text(f'task = "stance"\n{plain}', encoding="utf-8")
    assert read_recipe(path) == before
    assert "task" not in before.model_dump()  # a stopped run of an older version goes on
