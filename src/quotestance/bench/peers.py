"""Our training beside what a researcher would use instead: the same material and encoder, each in a process of its own."""

from __future__ import annotations

import logging
import random
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from sklearn.metrics import recall_score

from quotestance.bench.peer_fits import FITS, PeerTask
from quotestance.data.labels import LabelSet
from quotestance.data.material import read_named
from quotestance.data.pair_tables import read_pairs, write_pairs
from quotestance.data.pairs import Pair
from quotestance.data.peak_memory import peak_memory
from quotestance.evaluate.macro_f1 import macro_f1
from quotestance.training.examples import epoch_pairs
from quotestance.training.material import read_training_material
from quotestance.training.plan import no_pairs
from quotestance.training.recipe import DevPart, Part, Recipe, RecipeError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PeerResult:
    """How one of them did. `minutes` is from reading the material to a trained model, `rate` examples a second of its steps alone.

    `peak` is the largest resident memory of its process, in MiB, Python and libraries included; NaN on Windows.
    """

    name: str
    macro_f1: float
    recall: dict[str, float]
    minutes: float
    rate: float
    peak: float


def run_peers(
    recipe: Recipe,
    out: str | Path,
    *,
    test: Sequence[str] = (),
    examples: int | None = None,
    corpora: str | Path | None = None,
    peers: Sequence[str] = tuple(FITS),
) -> list[PeerResult]:
    """Train each of `peers` on the recipe's material and encoder, and score it on `test` (by default on dev).

    Everyone is given the same pairs, those of the recipe's first epoch, for as many epochs; `examples` limits training, dev and
    test to so many. The material lies in `out/material/`, as pair tables. Raises RecipeError for no peer or an unknown one, or one
    whose package is not installed.
    """
    if not peers:
        raise RecipeError(f"No peer is named. There are: {', '.join(FITS)}.")
    if unknown := [name for name in peers if name not in FITS]:
        raise RecipeError(f"Unknown peer '{unknown[0]}'. There are: {', '.join(FITS)}.")
    folder = Path(out)
    _write_material(recipe, folder / "material", test, examples, corpora)
    results = []
    for name in peers:
        task = PeerTask(_on_the_same(recipe, folder / "material"), folder / "material", folder / name)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            try:
                results.append(process.submit(_run, name, task).result())
            except BrokenProcessPool:
                raise RecipeError(
                    f"{name}: its process was ended, most likely for want of memory. Try --examples."
                ) from None
        log.info("%s", results[-1])
    return results


def peers_table(results: Sequence[PeerResult]) -> str:
    """The results as a Markdown table, with the speed as a multiple of the stock Trainer's where that was run."""
    labels = list(results[0].recall)
    stock = next((one.rate for one in results if one.name == "trainer"), None)
    head = ["", "macro-F1", *(f"recall {label}" for label in labels), "minutes", "examples/s", "× stock", "peak MiB"]
    rows = [
        [
            one.name,
            f"{one.macro_f1:.3f}",
            *(f"{one.recall[label]:.3f}" for label in labels),
            f"{one.minutes:.1f}",
            f"{one.rate:,.0f}",
            f"{one.rate / stock:.1f}" if stock else "–",
            f"{one.peak:,.0f}",
        ]
        for one in results
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def _write_material(
    recipe: Recipe, folder: Path, test: Sequence[str], examples: int | None, corpora: str | Path | None
) -> None:
    labels = LabelSet(recipe.labels)
    parts, dev = read_training_material(recipe, corpora, labels)
    held_out = [pair for one in dev for pair in one.pairs]
    asked = [pair for name in test for pair in read_named(name, corpora, labels=labels) if pair.label in labels]
    material = {"train": epoch_pairs(parts, seed=recipe.seed, epoch=0), "dev": held_out, "test": asked or held_out}
    if not material["train"]:
        raise RecipeError(no_pairs(parts))
    for name, pairs in material.items():
        drawn = random.Random(recipe.seed).sample(pairs, min(examples or len(pairs), len(pairs)))
        write_pairs(_numbered(drawn), folder / f"{name}.jsonl")


def _numbered(pairs: Iterable[Pair]) -> list[Pair]:
    """The pairs under new ids: a pair that is taken twice stands in the table twice."""
    return [replace(pair, id=str(number), extra={}, probabilities=None) for number, pair in enumerate(pairs)]


def _on_the_same(recipe: Recipe, material: Path) -> Recipe:
    """One run on the material that all are given; neither further seeds and trials nor a teacher, which the others do not have."""
    return recipe.model_copy(
        update={
            "seeds": (),
            "search": None,
            "teacher": (),
            "train": (Part(material=str(material / "train.jsonl")),),
            "dev": (DevPart(material=str(material / "dev.jsonl")),),
        }
    )


def _run(name: str, task: PeerTask) -> PeerResult:
    """In a process of its own: train, predict, measure."""
    started = time.perf_counter()
    with redirect_stdout(sys.stderr):  # the table alone goes to standard output
        learned = FITS[name](task)
    minutes = (time.perf_counter() - started) / 60
    peak = peak_memory()
    labels = task.recipe.labels
    pairs = read_pairs(task.material / "test.jsonl", labels=LabelSet(labels))
    gold, answers = [pair.label or "" for pair in pairs], learned.predict(pairs)
    seen = [label for label in labels if label in gold]
    recalls = recall_score(gold, answers, labels=seen, average=None, zero_division=0).tolist()
    return PeerResult(
        name=name,
        macro_f1=macro_f1(gold, answers, labels=labels, rounds=0).value,
        recall=dict(zip(seen, recalls, strict=True)),
        minutes=minutes,
        rate=learned.examples / max(learned.seconds, 1e-9),
        peak=peak,
    )
