"""What the keys of a recipe promise: larger steps, slower layers, early stopping, several seeds, teachers, adapters, searching."""

import csv
import json
import math
import re
import statistics
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from little_material import recipe as little_recipe
from little_material import table
from quotestance.data.labels import CODEBOOK, LabelSet
from quotestance.data.pair_tables import read_pairs
from quotestance.models.stance import StanceClassifier, weights_revision
from quotestance.training import one_run, run, teachers, trainer
from quotestance.training.examples import Example, epoch_batches
from quotestance.training.fit import fit
from quotestance.training.loss import Loss, label_weights
from quotestance.training.material import read_training_material
from quotestance.training.processes import Processes
from quotestance.training.quote_recipe import QuoteRecipe
from quotestance.training.recipe import DevPart, Part, Recipe, RecipeError, read_recipe
from quotestance.training.start import untrained
from quotestance.training.teachers import Teachers
from tiny_encoders import tiny_encoder

Batches = list[list[Example]]


def settings_of(folder: Path) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads((folder / "quotestance.json").read_text(encoding="utf-8"))
    return settings


def weights_after(recipe: Recipe, folder: Path, steps: list[Batches] | None = None) -> dict[str, torch.Tensor]:
    """The last weights of a run of one epoch; `steps` gives the batches of each step."""
    train, dev = read_training_material(recipe, None, CODEBOOK)
    torch.manual_seed(0)
    classifier = untrained(recipe, CODEBOOK, "cpu")
    batches = epoch_batches(train, classifier.inputs, CODEBOOK, budget=recipe.batch_tokens, seed=1, epoch=0)
    plan = [steps if steps is not None else [[batch] for batch in batches]]
    loss = Loss(recipe, label_weights(recipe, [example for batch in batches for example in batch]))
    loop = trainer.Trainer(
        recipe, classifier, loss, steps=len(plan[0]), checkpoint=folder / "c.pt", processes=Processes()
    )
    loop.run_all(plan, dev)
    return {name: p.detach().clone() for name, p in classifier.model.named_parameters()}


def assert_alike(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    for name, weights in one.items():
        assert torch.allclose(weights, other[name], atol=1e-5), name


@pytest.mark.parametrize("changes", [{}, {"class_weights": True, "label_smoothing": 0.1}])
def test_several_batches_a_step_teach_what_the_larger_batch_does(tmp_path: Path, changes: dict[str, object]) -> None:
    recipe = little_recipe(tmp_path, **changes)
    train, _ = read_training_material(recipe, None, CODEBOOK)
    inputs = untrained(recipe, CODEBOOK, "cpu").inputs
    batches = epoch_batches(train, inputs, CODEBOOK, budget=recipe.batch_tokens, seed=1, epoch=0)
    steps = [batches[n : n + 3] for n in range(0, len(batches), 3)]
    large = [[[example for batch in step for example in batch]] for step in steps]
    assert_alike(weights_after(recipe, tmp_path, steps), weights_after(recipe, tmp_path, large))


def test_accumulate_makes_fewer_steps_of_the_same_batches(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        fit(little_recipe(tmp_path), tmp_path / "one")
        fit(little_recipe(tmp_path, accumulate=3), tmp_path / "three")
    one, three = (int(number) for number in re.findall(r"(\d+) steps in 1 epochs", caplog.text))
    assert three == math.ceil(one / 3)


def test_few_examples_make_many_steps_unless_told_otherwise(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    material = str(little_recipe(tmp_path).train[0].material)
    few = {"train": [{"material": material, "share": 20}], "batch_tokens": 4096}
    with caplog.at_level("INFO"):
        fit(little_recipe(tmp_path, **few, least_steps=0), tmp_path / "large")
        fit(little_recipe(tmp_path, **few), tmp_path / "fitting")
    large, fitting = (int(number) for number in re.findall(r"(\d+) steps in 1 epochs", caplog.text))
    assert large < 20 <= fitting


def test_gradient_checkpointing_changes_memory_and_not_the_weights(tmp_path: Path) -> None:
    recipe = little_recipe(tmp_path, gradient_checkpointing=True)
    classifier = untrained(recipe, CODEBOOK, "cpu")
    assert any(getattr(module, "gradient_checkpointing", False) for module in classifier.model.modules())
    plain = weights_after(little_recipe(tmp_path), tmp_path)
    assert_alike(plain, weights_after(recipe, tmp_path))


def test_slower_layers_move_less(tmp_path: Path) -> None:
    def moved(decay: float) -> float:
        recipe = little_recipe(tmp_path, layer_decay=decay, averaging=0, weight_decay=0)
        torch.manual_seed(0)
        before = dict(untrained(recipe, CODEBOOK, "cpu").model.named_parameters())
        after = weights_after(recipe, tmp_path)
        name = "bert.encoder.layer.0.output.dense.weight"
        return float((after[name] - before[name]).detach().abs().mean())

    assert moved(0.1) < 0.3 * moved(1.0)


def test_a_model_may_lie_between_its_start_and_what_it_learned(tmp_path: Path) -> None:
    fit(little_recipe(tmp_path), tmp_path / "start")
    onward = {"start": str(tmp_path / "start"), "learning_rate": 1e-3}
    fit(little_recipe(tmp_path, **onward), tmp_path / "all")
    fit(little_recipe(tmp_path, **onward, start_share=0.25), tmp_path / "part")
    start, learned, between = (load_file(tmp_path / name / "model.safetensors") for name in ("start", "all", "part"))
    for name, weights in between.items():
        wanted = torch.lerp(learned[name].float(), start[name].float(), 0.25)
        assert torch.allclose(weights.float(), wanted, atol=2e-3), name
    assert any(not torch.equal(between[name], learned[name]) for name in between)
    with pytest.raises(RecipeError, match=r"start_share = 0.25 .* start = 'minilm' is none"):
        fit(little_recipe(tmp_path, start="minilm", start_share=0.25), tmp_path / "none")


def test_of_several_shares_of_the_start_the_best_on_dev_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit(little_recipe(tmp_path), tmp_path / "start")
    onward = {"start": str(tmp_path / "start"), "learning_rate": 1e-3, "epochs": 1}
    fit(little_recipe(tmp_path, **onward), tmp_path / "all")
    shown = iter([0.3, 0.6, 0.5])
    monkeypatch.setattr(trainer.Trainer, "scores", lambda itself, dev: {"dev": {}, "score": next(shown)})
    fit(little_recipe(tmp_path, **onward, start_share=[0, 0.5, 0.75]), tmp_path / "best")
    start, learned, best = (load_file(tmp_path / name / "model.safetensors") for name in ("start", "all", "best"))
    for name, weights in best.items():
        wanted = torch.lerp(learned[name].float(), start[name].float(), 0.5)
        assert torch.allclose(weights.float(), wanted, atol=2e-3), name
    (epoch,) = settings_of(tmp_path / "best")["epochs"]
    assert epoch["start_share"] == 0.5
    assert epoch["tried"] == {"0 of the start": 0.3, "0.5 of the start": 0.6, "0.75 of the start": 0.5}


def test_the_schedule_of_the_recipe_is_that_of_the_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rates: list[float] = []
    monkeypatch.setattr(run, "set_rate", lambda optimizer, rate: rates.append(rate))
    weights_after(little_recipe(tmp_path, schedule="constant", warmup=0.2, learning_rate=0.5), tmp_path)
    assert rates[-1] == rates[len(rates) // 2] == 0.5


def test_masks_are_drawn_by_step_and_not_by_what_was_drawn_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a process that goes on from another's checkpoint draws what it would have drawn."""
    recipe = little_recipe(tmp_path, token_dropout=0.3)
    plain = weights_after(recipe, tmp_path)
    step = trainer.Trainer.step

    def disturbed(self: trainer.Trainer, batches: Batches, number: int) -> dict[str, float]:
        torch.manual_seed(number + 12345)
        return step(self, batches, number)

    monkeypatch.setattr(trainer.Trainer, "step", disturbed)
    assert_alike(plain, weights_after(recipe, tmp_path))


def test_a_gradient_that_is_not_a_number_changes_no_weights_and_is_refused_though_the_loss_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    norms = iter([torch.tensor(1.0), torch.tensor(math.nan)])
    seen: list[dict[str, torch.Tensor]] = []
    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", lambda parameters, clip: next(norms))
    update = run.WeightAverage.update
    monkeypatch.setattr(run.WeightAverage, "update", lambda self: (update(self), seen.append(self.kept())))
    with pytest.raises(RecipeError, match=r"not a number at step 2\. Lower learning_rate .* begin anew with --restart"):
        weights_after(little_recipe(tmp_path), tmp_path)
    assert len(seen) == 1
    assert all(torch.isfinite(weights).all() for weights in seen[0].values())


def test_a_run_stops_when_its_patience_ends_and_keeps_the_best(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = iter([0.5, 0.7, 0.6, 0.7, 0.9, 0.9])
    monkeypatch.setattr(trainer, "dev_macro_f1", lambda model, pairs: next(scores))
    fit(little_recipe(tmp_path, epochs=6, patience=2), tmp_path / "m")
    assert [epoch["score"] for epoch in settings_of(tmp_path / "m")["epochs"]] == [0.5, 0.7, 0.6, 0.7]


def test_seeds_are_trained_alike_and_the_best_on_dev_is_kept_with_mean_and_sd(tmp_path: Path) -> None:
    recipe = little_recipe(tmp_path, seeds=[1, 2, 3])
    fit(recipe, tmp_path / "m")
    settings = settings_of(tmp_path / "m")
    seeds = settings["seeds"]
    folders = {seed: tmp_path / "m" / "run" / f"seed-{seed}" for seed in (1, 2, 3)}
    scores = [settings_of(folder)["dev_score"] for folder in folders.values()]
    assert list(seeds["scores"].values()) == scores
    assert seeds["scores"][str(seeds["kept"])] == max(scores)
    assert seeds["mean"] == pytest.approx(statistics.mean(scores), abs=1e-4)
    assert seeds["sd"] == pytest.approx(statistics.stdev(scores), abs=1e-4)
    assert weights_revision(tmp_path / "m") == weights_revision(folders[seeds["kept"]])
    assert len({weights_revision(folder) for folder in folders.values()}) == 3
    assert len({settings_of(folder)["dev"]["held out"]["n"] for folder in folders.values()}) == 1
    card = (tmp_path / "m" / "README.md").read_text(encoding="utf-8")
    assert f"{seeds['mean']:.3f} ± {seeds['sd']:.3f}" in card


def test_seeds_that_are_finished_are_not_trained_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fit(little_recipe(tmp_path, seeds=[1]), tmp_path / "m")
    kept = tmp_path / "m" / "run" / "seed-1" / "model.safetensors"
    before = kept.stat().st_mtime_ns
    fit(little_recipe(tmp_path, seeds=[1, 2]), tmp_path / "m")
    assert kept.stat().st_mtime_ns == before
    monkeypatch.setattr(one_run, "Trainer", None)  # nothing is trained any more
    fit(little_recipe(tmp_path, seeds=[1, 2]), tmp_path / "m")


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("taught")
    for seed in (1, 2):
        fit(little_recipe(folder, seed=seed, learning_rate=5e-3, epochs=6, averaging=0), folder / f"teacher-{seed}")
    return folder


def test_teachers_give_their_mean_probabilities_and_are_asked_once(
    taught: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [str(taught / "teacher-1"), str(taught / "teacher-2")]
    pairs = read_pairs(table(tmp_path / "t.jsonl"))[:5]
    ask = Teachers(folders, CODEBOOK, temperature=2.0, cache=tmp_path / "c.npz", device="cpu")
    answers = ask([*pairs, pairs[0]])
    expected = np.zeros((5, 3))
    for folder in folders:
        classifier = StanceClassifier.from_pretrained(folder, device="cpu")
        classifier.temperature = 2.0
        expected += classifier.probabilities(pairs) / 2
    np.testing.assert_allclose(answers[:5], expected, atol=1e-6)
    np.testing.assert_array_equal(answers[0], answers[5])
    monkeypatch.setattr(teachers.StanceClassifier, "from_pretrained", None)  # nobody is asked any more
    again = Teachers(folders, CODEBOOK, temperature=2.0, cache=tmp_path / "c.npz", device="cpu")
    np.testing.assert_array_equal(again(pairs), answers[:5])
    other = Teachers(folders, CODEBOOK, temperature=1.0, cache=tmp_path / "c.npz", device="cpu")
    assert other.known == {}


def test_a_teacher_of_other_labels_is_refused(taught: Path, tmp_path: Path) -> None:
    labels = LabelSet(("pro", "con"))
    ask = Teachers([str(taught / "teacher-1")], labels, temperature=1.0, cache=tmp_path / "c.npz", device="cpu")
    with pytest.raises(RecipeError, match="knows the labels favor, against, neutral, and the recipe's are pro, con"):
        ask(read_pairs(table(tmp_path / "t.jsonl")))


def test_a_pupil_comes_to_think_as_its_teacher(taught: Path, tmp_path: Path) -> None:
    teacher = taught / "teacher-1"
    recipe = little_recipe(
        tmp_path, teacher=str(teacher), teacher_weight=1.0, learning_rate=5e-3, epochs=8, averaging=0
    )
    fit(recipe, tmp_path / "pupil")
    pairs = read_pairs(table(tmp_path / "t.jsonl"))
    thinks, plain = (
        StanceClassifier.from_pretrained(folder, device="cpu").probabilities(pairs)
        for folder in (teacher, tmp_path / "pupil")
    )
    untaught = np.full_like(thinks, 1 / 3)
    assert np.abs(thinks - plain).mean() < 0.5 * np.abs(thinks - untaught).mean()


@pytest.mark.parametrize("architecture", ["bert", "distilbert", "roberta"])
def test_adapters_are_merged_into_a_plain_folder(tmp_path: Path, architecture: str) -> None:
    pytest.importorskip("peft", reason="adapters are an extra: quotestance[lora]")
    encoder = tiny_encoder(architecture, tmp_path / architecture)
    recipe = little_recipe(tmp_path, start=encoder, lora=4, learning_rate=1e-2)
    torch.manual_seed(recipe.seed)
    bare = untrained(recipe.model_copy(update={"lora": 0}), CODEBOOK, "cpu").model
    plain, whole = set(bare.state_dict()), sum(p.numel() for p in bare.parameters())
    embedding = bare.get_input_embeddings().weight.detach()
    adapted = untrained(recipe, CODEBOOK, "cpu").model
    trained = sum(p.numel() for p in adapted.parameters() if p.requires_grad)
    assert 0 < trained < whole / 2
    model = fit(recipe, tmp_path / "m", device="cpu").model
    assert set(model.state_dict()) == plain
    assert torch.allclose(model.get_input_embeddings().weight, embedding, atol=1e-3)
    assert not list((tmp_path / "m").glob("adapter*"))


def test_adapters_without_peft_say_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "peft", None)
    with pytest.raises(RecipeError, match=r"pip install 'quotestance\[lora\]'"):
        fit(little_recipe(tmp_path, lora=4), tmp_path / "m")


SEARCH = {"trials": 4, "learning_rate": {"low": 1e-4, "high": 1e-2, "log": True}, "epochs": [1, 2]}


def test_a_search_keeps_the_best_trial_and_a_table_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("optuna", reason="searching is an extra: quotestance[search]")
    recipe = little_recipe(tmp_path, search=SEARCH)
    fit(recipe, tmp_path / "m")
    table = (tmp_path / "m" / "run" / "search.csv").read_text(encoding="utf-8")
    header, *rows = [line.split(",") for line in table.splitlines()]
    assert header == ["trial", "learning_rate", "epochs", "dev_score", "minutes", "problem"]
    assert len(rows) == 4
    assert len({row[1] for row in rows}) == 4
    assert all(1e-4 <= float(row[1]) <= 1e-2 and row[2] in "12" for row in rows)
    settings = settings_of(tmp_path / "m")
    assert settings["dev_score"] == max(float(row[3]) for row in rows)
    assert settings["search_result"]["best"]["learning_rate"] == settings["recipe"]["learning_rate"]
    monkeypatch.setattr(one_run, "Trainer", None)  # nothing is trained any more
    fit(recipe, tmp_path / "m")
    (tmp_path / "m" / "quotestance.json").unlink()
    fit(recipe, tmp_path / "m")
    assert (tmp_path / "m" / "run" / "search.csv").read_text(encoding="utf-8") == table


def test_a_trial_that_diverges_is_a_row_of_the_table_and_the_search_goes_on_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("optuna", reason="searching is an extra: quotestance[search]")
    search = {"trials": 4, "learning_rate": [1e-3, 1e30]}
    fit(little_recipe(tmp_path, search=search, clip=1e30, warmup=0.0, checkpoint_steps=1), tmp_path / "m")
    with open(tmp_path / "m" / "run" / "search.csv", encoding="utf-8", newline="") as file:
        scores = {(float(row["learning_rate"]), math.isnan(float(row["dev_score"]))) for row in csv.DictReader(file)}
    assert scores == {(1e-3, False), (1e30, True)}
    assert settings_of(tmp_path / "m")["recipe"]["learning_rate"] == 1e-3
    assert not list((tmp_path / "m").rglob("*.pt"))


def test_a_search_of_which_every_trial_diverges_says_so(tmp_path: Path) -> None:
    pytest.importorskip("optuna", reason="searching is an extra: quotestance[search]")
    search = {"trials": 2, "learning_rate": [1e30]}
    with pytest.raises(RecipeError, match="None of the trials was possible"):
        fit(little_recipe(tmp_path, search=search, clip=1e30, warmup=0.0), tmp_path / "m")


def test_a_search_with_seeds_trains_each_seed_with_the_best_setting(tmp_path: Path) -> None:
    pytest.importorskip("optuna", reason="searching is an extra: quotestance[search]")
    fit(little_recipe(tmp_path, seeds=[4, 5], search={"trials": 2, "epochs": [2]}), tmp_path / "m")
    settings = settings_of(tmp_path / "m")
    assert set(settings["seeds"]["scores"]) == {"4", "5"}
    assert settings["recipe"]["epochs"] == 2


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("trials = 3", "name at least one key to try"),
        ("rate = [1, 2]", "'rate' can't be searched. These can: .*learning_rate"),
        ("train = [1, 2]", "'train' can't be searched"),
        ("epochs = []", "epochs: the list of choices is empty"),
        ("epochs = [0, 1]", "epochs: 0: Input should be greater than or equal to 1"),
        ("dropout = { low = 0.1, high = 1.5 }", "dropout: 1.5: Input should be less than 1"),
        ("dropout = { low = 0.3, high = 0.1 }", "low .0.3. must be below high .0.1."),
        ("dropout = { low = 0.0, high = 0.1, log = true }", "log needs a low above 0"),
    ],
)
def test_a_search_that_is_not_possible_is_refused_when_the_recipe_is_read(
    tmp_path: Path, table: str, said: str
) -> None:
    path = tmp_path / "r.toml"
    path.write_text(f'name = "x"\n[[train]]\nmaterial = "a.csv"\n[search]\n{table}\n', encoding="utf-8")
    with pytest.raises(RecipeError, match=said):
        read_recipe(path)


def test_a_recipe_with_a_search_can_be_written_and_read_again(tmp_path: Path) -> None:
    recipe = little_recipe(tmp_path, search=SEARCH, seeds=[1, 2], teacher="a")
    assert Recipe.model_validate(json.loads(recipe.model_dump_json())) == recipe


def test_every_key_of_either_kind_of_recipe_stands_in_its_table_with_its_default() -> None:
    page = (Path(__file__).parent.parent / "training" / "README.md").read_text(encoding="utf-8")
    stance, quotes = re.findall(r"^\| key \|.*?(?=\n\n)", page, re.MULTILINE | re.DOTALL)
    for table_of, recipes in ((stance, (Recipe, Part, DevPart)), (quotes, (QuoteRecipe,))):
        named = set(re.findall(r"\w+", "".join(row.split("|")[1] for row in table_of.splitlines())))
        keys = {key for recipe in recipes for key in recipe.model_fields}
        assert keys - {"train", "dev", "task"} <= named, keys - named
    defaults = {key: field.default for key, field in QuoteRecipe.model_fields.items()}
    for row in quotes.splitlines()[2:]:
        _, keys, _, said, _ = row.split("|")
        for key, default in zip(re.findall(r"`(\w+)`", keys), said.split(","), strict=True):
            told = default.strip().strip("`")
            kept = defaults[key]
            assert told == str(kept) if isinstance(kept, str) else told in ("–", "all") or float(told) == kept, key


def test_a_trial_that_can_not_be_trained_is_a_row_with_its_reason_and_the_search_goes_on(tmp_path: Path) -> None:
    pytest.importorskip("optuna", reason="searching is an extra: quotestance[search]")
    good = little_recipe(tmp_path).start
    fit(little_recipe(tmp_path, search={"trials": 4, "start": ["quotes-small", good]}), tmp_path / "m")
    with open(tmp_path / "m" / "run" / "search.csv", encoding="utf-8", newline="") as file:
        rows = {row["start"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"quotes-small", good}
    assert math.isnan(float(rows["quotes-small"]["dev_score"]))
    assert "is a quote finder" in rows["quotes-small"]["problem"]
    assert rows[good]["problem"] == ""
    assert settings_of(tmp_path / "m")["recipe"]["start"] == good


def test_a_search_of_which_no_trial_can_be_trained_says_why_the_first_could_not(tmp_path: Path) -> None:
    pytest.importorskip("optuna", reason="searching is an extra: quotestance[search]")
    with pytest.raises(RecipeError, match=r"None of the trials was possible.*'quotes-small' is a quote finder"):
        fit(little_recipe(tmp_path, search={"trials": 2, "start": ["quotes-small"]}), tmp_path / "m")


def test_adapters_are_not_mixed_with_weights_of_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"start_share mixes whole weights and lora trains adapters"):
        little_recipe(tmp_path, lora=4, start_share=0.5)
