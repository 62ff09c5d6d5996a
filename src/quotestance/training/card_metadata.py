"""What the hub reads at the head of a card: licence, base model, data sets, and scores on dev."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from quotestance.data.corpora import CORPORA

HUB_NAMES = {"minilm": "sentence-transformers/all-MiniLM-L6-v2"}
ENGLISH = frozenset(HUB_NAMES)  # encoders that know no other language
ANNOTATED = "/data/annotated/polnear/"  # our stance labels for a corpus that has none


def metadata(
    name: str,
    *,
    library: str,
    task: str,
    tags: Sequence[str],
    start: str | None,
    materials: Iterable[str],
    scores: Iterable[tuple[str, str, float]],
    language: str | None = "en",
) -> str:
    """The YAML between a card's dashes. `start`: the encoder it all began with. `scores`: (dev material, measure, value) of F1s."""
    from huggingface_hub import EvalResult, ModelCardData

    corpora = sorted({corpus for material in materials if (corpus := corpus_of(material))})
    results = [
        EvalResult(
            task_type=task,
            dataset_type=material,
            dataset_name=f"{material} (dev)",
            metric_type="f1",
            metric_name=measure,
            metric_value=value,
        )
        for material, measure, value in scores
    ]
    data = ModelCardData(
        language=language,
        license="other",
        license_name="apache-2.0-as-far-as-ours-to-give",
        license_link="https://www.apache.org/licenses/LICENSE-2.0",
        library_name=library,
        pipeline_tag=task,
        tags=list(tags),
        base_model=hub_name(start),
        datasets=corpora or None,
        metrics=["f1"],
        model_name=name,
        eval_results=results or None,
    )
    return data.to_yaml().strip()


def hub_name(start: str | None) -> str | None:
    """The hub's name of an encoder; None for a folder of this machine."""
    if start is None or start in HUB_NAMES:
        return HUB_NAMES.get(start or "")
    return start if re.fullmatch(r"[\w.-]+(/[\w.-]+)?", start) and not Path(start).exists() else None


def corpus_of(material: str) -> str | None:
    """The corpus of a split of it ('vast/train') or of our labels for it; None for a file of one's own, whatever it is called."""
    corpus, _, split = material.partition("/")
    if split in CORPORA.get(corpus, ()):
        return corpus
    return "polnear" if ANNOTATED in f"/{Path(material).as_posix()}" else None
