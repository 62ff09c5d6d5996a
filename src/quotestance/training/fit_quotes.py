"""Recipe in, quote finder out: fine-tune an encoder with tags, pointers and links on articles with quotes. Seeded and resumable."""

from __future__ import annotations

import json
import logging
import random
import time
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor
from torch.nn import functional

from quotestance.data.material import read_named_articles
from quotestance.data.records import Article, Quote
from quotestance.evaluate.quotes import QuoteScores, score_quotes
from quotestance.models.folders import SETTINGS_FILE
from quotestance.models.precision import autocast, chosen
from quotestance.models.quote_network import Fragments, QuoteNetwork
from quotestance.models.quote_tagger import FinderOptions, LearnedQuoteFinder
from quotestance.models.quote_windows import Window
from quotestance.training.loop import (
    WeightAverage,
    fused_adamw,
    linear_schedule,
    load_checkpoint,
    mask_tokens,
    save_checkpoint,
    set_rate,
    token_budget_batches,
)
from quotestance.training.quote_card import write_quote_card
from quotestance.training.quote_data import IGNORED, Lesson, Teaching, epoch_windows, lesson_of, teaching_of
from quotestance.training.recipe import RecipeError
from quotestance.training.start import encoder_folder

log = logging.getLogger(__name__)
LOGGED_STEPS = 20
CHECKPOINT = "checkpoint.pt"
HEADS = ("features", "emit", "fragment", "query", "key", "none", "gap", "link")
SCORES = ("crf", "distance", "other_paragraph")  # single numbers that must become large: ten times as fast again
WORDS_A_UNIT = 64  # the loss is over so many words: of the order of 1 for a middling model
# what is tried on dev when training has ended, one option after another
TRIED: dict[str, tuple[Any, ...]] = {
    "opening": (-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0),
    "tagged": (False, True),
    "link": (-1.0, -0.5, 0.0, 0.5, 1.0),
    "snap": (0.6, 0.8, 0.9, 2.0),
}


class QuoteRecipe(BaseModel):
    """One training run of a quote finder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    task: Literal["quotes"]
    train: tuple[str, ...] = Field(
        min_length=1, description="corpus splits ('polnear/train') or files of articles with quotes"
    )
    dev: tuple[str, ...] = Field(min_length=1, description="the same, on which epoch and decoding are chosen")
    start: str = Field(default="minilm", description="'minilm' (offline), or any encoder by path or hub name")
    seed: int = 13
    epochs: int = Field(default=8, ge=1)
    batch_tokens: int = Field(default=4096, ge=256, description="tokens a step, padding included")
    window: int = Field(default=256, ge=64, le=512, description="tokens that are read together")
    context: int = Field(default=32, ge=0, description="of them, on each side, when articles are read in windows")
    reach: int = Field(default=64, ge=8, description="words before and behind a content that may be its source or cue")
    learning_rate: float = Field(default=2e-4, gt=0)
    heads_faster: float = Field(default=5.0, gt=0, description="the new layers learn that many times as fast")
    warmup: float = Field(default=0.06, ge=0, lt=1)
    weight_decay: float = Field(default=0.01, ge=0)
    token_dropout: float = Field(default=0.0, ge=0, lt=1, description="share of tokens that are masked in training")
    averaging: float = Field(default=0.999, ge=0, lt=1)
    clip: float = Field(default=5.0, gt=0)
    precision: str = Field(default="auto", pattern="^(auto|fp32|bf16)$")
    limit: int | None = Field(default=None, ge=1, description="only so many articles of train and dev: for a try")
    checkpoint_steps: int = Field(default=200, ge=1)


@dataclass
class Progress:
    """What a run has done so far, beside its weights."""

    seconds: float = 0.0
    best_score: float = -1.0
    epochs: list[dict[str, Any]] = field(default_factory=list)


def read_quote_recipe(path: str | Path) -> QuoteRecipe:
    """Read and check a recipe. Raises RecipeError that names the file and the key."""
    try:
        return QuoteRecipe.model_validate(tomllib.loads(Path(path).read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise RecipeError(f"There is no recipe {path}. training/recipes/ holds those of the shipped models.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise RecipeError(f"{path} is not valid TOML: {problem}.") from None
    except ValidationError as problems:
        said = [f"{path}: {'.'.join(map(str, one['loc'])) or 'recipe'}: {one['msg']}." for one in problems.errors()]
        raise RecipeError("\n".join([*said, f"Known keys: {', '.join(QuoteRecipe.model_fields)}."])) from None


def fit_quotes(
    recipe: QuoteRecipe,
    out: str | Path,
    *,
    corpora: str | Path | None = None,
    resume: bool = True,
    device: str | None = None,
) -> LearnedQuoteFinder:
    """Train as the recipe says and write the model folder `out`; returns the finder as read back from it.

    `out/run/` holds a checkpoint; a run that was stopped goes on from it (`resume`). The weights kept are the moving average at
    the epoch with the best dev score; then the options of decoding are chosen on dev.
    Raises RecipeError for material without quotes, or a loss that is not a number.
    """
    folder = Path(out)
    (folder / "run").mkdir(parents=True, exist_ok=True)
    random.seed(recipe.seed)
    torch.manual_seed(recipe.seed)
    train, dev = _articles(recipe.train, corpora, recipe.limit), _articles(recipe.dev, corpora, recipe.limit)
    options = FinderOptions(size=recipe.window, context=recipe.context, reach=recipe.reach)
    finder = LearnedQuoteFinder.untrained(
        encoder_folder(recipe.start), options=options, name=recipe.name, device=device, precision=recipe.precision
    )
    for module in finder.network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0  # on a CPU its random numbers cost more than the matrix products
    config = finder.network.encoder.config
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0
    trainer = _Trainer(recipe, finder, [lesson_of(article, finder.tokenizer) for article in train], folder / "run")
    trainer.run_all(dev, resume=resume)
    return _finish(recipe, trainer, train, dev, folder)


class _Trainer:
    """The loop and its state."""

    def __init__(
        self, recipe: QuoteRecipe, finder: LearnedQuoteFinder, lessons: Sequence[Lesson], folder: Path
    ) -> None:
        self.recipe, self.finder, self.lessons, self.folder = recipe, finder, lessons, folder
        self.network = finder.network
        self.optimizer = fused_adamw(
            dict(self.network.named_parameters()),
            learning_rate=recipe.learning_rate,
            weight_decay=recipe.weight_decay,
            faster={
                **dict.fromkeys(HEADS, recipe.heads_faster),
                **dict.fromkeys(SCORES, 10 * recipe.heads_faster),
            },
        )
        self.average = WeightAverage(self.network, recipe.averaging)
        self.best = self.average.copied()
        self.progress = Progress()
        self.steps = sum(len(self._plan(epoch)[1]) for epoch in range(recipe.epochs))

    def _plan(self, epoch: int) -> tuple[list[tuple[Lesson, Window]], list[list[int]]]:
        """The windows of an epoch and its batches."""
        draw = random.Random(f"{self.recipe.seed}/windows/{epoch}")
        windows = epoch_windows(self.lessons, size=self.recipe.window, draw=draw)
        lengths = [2 + int(one.words.first[w.core_end] - one.words.first[w.core]) for one, w in windows]
        return windows, token_budget_batches(lengths, self.recipe.batch_tokens, self.recipe.seed, epoch)

    def run_all(self, dev: Sequence[Article], *, resume: bool) -> None:
        first = self._load() if resume and (self.folder / CHECKPOINT).exists() else 0
        log.info(
            "%s: %d articles, %d steps in %d epochs, %s on %s",
            self.recipe.name,
            len(self.lessons),
            self.steps,
            self.recipe.epochs,
            chosen(self.recipe.precision, self.finder.device, training=True),
            self.finder.device,
        )
        done, losses, started = 0, [], time.perf_counter()
        for epoch in range(self.recipe.epochs):
            windows, batches = self._plan(epoch)
            for rows in batches:
                done += 1
                if done <= first:
                    continue
                self.network.train()
                losses.append(self._step([windows[row] for row in rows], done))
                if done % LOGGED_STEPS == 0:
                    now = self.progress.seconds + time.perf_counter() - started
                    parts = torch.tensor(losses[-100:]).mean(0).tolist()
                    log.info(
                        "step %d of %d, loss %.4f (tags %.3f, pointers %.3f, links %.3f), %.1f min, %.1f min to go",
                        done,
                        self.steps,
                        sum(parts),
                        *parts,
                        now / 60,
                        now / done * (self.steps - done) / 60,
                    )
                if done % self.recipe.checkpoint_steps == 0:
                    started = self._save(done, started)
            if len(self.progress.epochs) <= epoch:
                self._end_epoch(epoch, dev)
                started = self._save(done, started)

    def _step(self, windows: Sequence[tuple[Lesson, Window]], number: int) -> list[float]:
        share = linear_schedule(number, self.steps, self.recipe.warmup)
        set_rate(self.optimizer, self.recipe.learning_rate * share)
        teaching = teaching_of(windows, self.finder.tokenizer, size=self.recipe.window)
        parts = self._losses(teaching)
        loss = parts.sum()
        if not torch.isfinite(loss):
            raise RecipeError(
                f"The loss is not a number at step {number}. Lower learning_rate (now {self.recipe.learning_rate}) "
                "or set precision = 'fp32'; the checkpoint before it is kept."
            )
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.clip)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.average.update()
        return [float(part) for part in parts.detach()]

    def _losses(self, teaching: Teaching) -> Tensor:
        batch = teaching.batch
        mask_tokens(batch.ids, self.finder.tokenizer, self.recipe.token_dropout, among=batch.mask == 1)
        device = self.finder.device
        moved = Teaching(batch.to(device), *(getattr(teaching, name).to(device) for name in _tensors(teaching)))
        with autocast(self.recipe.precision, device, training=True):
            vectors = self.network.word_vectors(moved.batch)
        return losses(self.network, vectors, moved)

    def _end_epoch(self, epoch: int, dev: Sequence[Article]) -> None:
        self.network.eval()
        with self.average.applied():
            scores = score_quotes(
                dev, _answered(dev, self.finder.find_many(article.text or "" for article in dev)), rounds=0
            )
        said = _said(scores)
        self.progress.epochs.append({"epoch": epoch + 1, **said})
        log.info("epoch %d: dev %s", epoch + 1, said)
        if said["score"] > self.progress.best_score:
            self.progress.best_score = said["score"]
            self.best = self.average.copied()

    def _save(self, done: int, started: float) -> float:
        now = time.perf_counter()
        self.progress.seconds += now - started
        save_checkpoint(
            self.folder / CHECKPOINT,
            model=self.network,
            optimizer=self.optimizer,
            average=self.average,
            step=done,
            recipe=self.recipe.model_dump_json(),
            extra={"progress": asdict(self.progress), "best": self.best},
        )
        return now

    def _load(self) -> int:
        step, extra = load_checkpoint(
            self.folder / CHECKPOINT,
            model=self.network,
            optimizer=self.optimizer,
            average=self.average,
            recipe=self.recipe.model_dump_json(),
        )
        self.progress, self.best = Progress(**extra["progress"]), extra["best"]
        log.info("going on after step %d of %d", step, self.steps)
        return step


def losses(network: QuoteNetwork, vectors: Tensor, teaching: Teaching) -> Tensor:
    """How unlikely the network finds the answers: of the tags, the pointers and the links, (3,), each over WORDS_A_UNIT words."""
    emissions = network.emissions(vectors, teaching.same)
    grid, mask = teaching.grid, teaching.in_paragraph
    tags = network.crf.negative_log_likelihood(emissions[grid], teaching.tags[grid], mask).sum()
    pointed = linked = tags.new_zeros(())
    if len(teaching.start):
        fragments = Fragments(teaching.start, teaching.end, teaching.low, teaching.high)
        made = network.fragment_vectors(vectors, fragments)
        scores, _ = network.pointers(vectors, made, fragments, teaching.paragraph)
        right = pointer_targets(teaching.pointed, teaching.start, teaching.end, network.reach)
        pointed = functional.cross_entropy(scores.flatten(0, 1), right.flatten(), ignore_index=IGNORED, reduction="sum")
        if len(teaching.one):
            logits = network.links(vectors, made, fragments, teaching.one, teaching.other)
            linked = functional.binary_cross_entropy_with_logits(logits, teaching.linked, reduction="sum")
    return torch.stack([tags, pointed, linked]) * (WORDS_A_UNIT / len(vectors))


def pointer_targets(pointed: Tensor, start: Tensor, end: Tensor, reach: int) -> Tensor:
    """Words that are pointed at, (fragments, pointers), as numbers among a fragment's candidates; 0 is "none".

    What is out of reach, or inside the fragment, is IGNORED.
    """
    start, end = start[:, None], end[:, None]
    before, behind = pointed - (start - reach), pointed - end
    target = torch.full_like(pointed, IGNORED)
    target = torch.where((pointed >= 0) & (pointed < start) & (before >= 0), 1 + before, target)
    target = torch.where((pointed >= end) & (behind < reach), 1 + reach + behind, target)
    return torch.where(pointed == -1, 0, target)


def tuned(finder: LearnedQuoteFinder, dev: Sequence[Article]) -> tuple[LearnedQuoteFinder, list[dict[str, Any]]]:
    """The finder with the options of TRIED that score best on dev, chosen one after another, and everything that was tried.

    What an option decides is what it is chosen by: contents by their score, `tagged` by the mentions'. A tie keeps what was.
    """
    read = [(words, vectors.clone()) for words, vectors in finder.read(article.text or "" for article in dev)]
    tries: list[dict[str, Any]] = []
    for name, values in TRIED.items():
        by_value: dict[Any, float] = {}
        for value in values:
            other = finder.with_options(**{name: value})
            found = _answered(dev, (other.decode(words, vectors) for words, vectors in read))
            said = _said(score_quotes(dev, found, rounds=0))
            tries.append({"option": name, "value": value, **said})
            log.info("%s = %s: dev %s", name, value, said)
            by_value[value] = said["cue"] + said["source"] if name == "tagged" else said["score"]
        kept = getattr(finder.options, name)
        best = max(by_value, key=lambda value: (by_value[value], value == kept))
        finder = finder.with_options(**{name: best})
    return finder, tries


def _said(scores: QuoteScores) -> dict[str, float]:
    """The dev scores of a log line; `score` chooses epochs and options: the mean of exact F1 and F1 at 0.3 overlap."""

    def number(value: float | None) -> float:
        return round(value or 0.0, 4)

    exact, loose = number(scores["exact"].f1.value), number(scores["overlap 0.3"].f1.value)
    return {
        "score": round((exact + loose) / 2, 4),
        "exact": exact,
        "overlap 0.3": loose,
        "precision 0.3": number(scores["overlap 0.3"].precision.value),
        "recall 0.3": number(scores["overlap 0.3"].recall.value),
        "covered 0.3": number(scores["covered 0.3"].f1.value),
        "soft": number(scores["soft"].f1.value),
        "direct recall 0.8": number(scores.contents["overlap 0.8"]["direct"].recall.value),
        "source": number(scores.given["source"].value),
        "cue": number(scores.given["cue"].value),
    }


def _answered(articles: Sequence[Article], answers: Iterable[tuple[Quote, ...]]) -> list[Article]:
    return [
        Article(id=article.id, text=article.text, quotes=quotes)
        for article, quotes in zip(articles, answers, strict=True)
    ]


def _articles(names: Sequence[str], corpora: str | Path | None, limit: int | None) -> list[Article]:
    articles = [article for name in names for article in read_named_articles(name, corpora)[:limit]]
    if not any(article.quotes for article in articles):
        raise RecipeError(f"{', '.join(names)}: none of the {len(articles)} articles has a quote.")
    return articles


def _finish(
    recipe: QuoteRecipe, trainer: _Trainer, train: Sequence[Article], dev: Sequence[Article], folder: Path
) -> LearnedQuoteFinder:
    """Best weights, decoding chosen on dev, folder written, read back in half precision and scored on dev once more."""
    trainer.average.put(trainer.best)
    trainer.network.eval()
    finder, tries = tuned(trainer.finder, dev)
    provenance = {
        "recipe": json.loads(recipe.model_dump_json()),
        "seed": recipe.seed,
        "minutes": round(trainer.progress.seconds / 60, 1),
        "epochs": trainer.progress.epochs,
        "tried_on_dev": tries,
        "train": {"articles": len(train), "quotes": sum(len(article.quotes) for article in train)},
        "versions": {"torch": torch.__version__},
        "device": str(finder.device),
    }
    finder.save_pretrained(folder, **provenance)
    (trainer.folder / CHECKPOINT).unlink(missing_ok=True)  # a folder with a pickle in it is not loaded
    saved = LearnedQuoteFinder.from_pretrained(folder, device=str(finder.device), precision=recipe.precision)
    found = _answered(dev, saved.find_many(article.text or "" for article in dev))
    settings = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
    scores = score_quotes(dev, found)
    settings["dev"] = scores.to_dict()
    (folder / SETTINGS_FILE).write_text(json.dumps(settings, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    write_quote_card(folder)
    log.info("%s: dev %s", folder, _said(scores))
    return saved


def _tensors(teaching: Teaching) -> list[str]:
    return [name for name in teaching.__dataclass_fields__ if name != "batch"]
