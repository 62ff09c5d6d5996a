"""A finished run into its model card, in the hub's metadata form: what it was taught, what it scores, what it is not for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from quotestance.models.folders import SETTINGS_FILE, SHIPPED
from quotestance.models.stance import weights_revision

CARD_FILE = "README.md"

# corpus -> (what it is, the licence words found with it)
SOURCES = {
    "polnear": (
        "stances of quoted speakers in US political news of 2016; **labels made by a large language model** under the codebook",
        "labels Apache-2.0; texts not included",
    ),
    "vast": ("comments of newspaper readers toward topics", "none stated"),
    "newsmtsc": ("sentences of US news with sentiment toward a person mentioned", "MIT"),
    "dse": ("news sentences with who blames or endorses whom", '"use … by citing the paper"'),
    "ibm30k": ("crowd-written arguments for or against motions", "none in the copy"),
    "ibm_claims": ("Wikipedia claims for or against motions", "CC-BY-SA"),
    "perspectrum": ("perspectives of debate sites on claims", "CC BY-SA 4.0"),
    "iam": ("claims of web articles for or against topics", "none stated"),
}


def write_card(folder: str | Path) -> Path:
    """Write the card of a model folder from its settings; returns its path. Every number in it is read from the run."""
    path = Path(folder)
    settings = json.loads((path / SETTINGS_FILE).read_text(encoding="utf-8"))
    (path / CARD_FILE).write_text(_card(settings, weights_revision(path)), encoding="utf-8")
    return path / CARD_FILE


def _card(settings: dict[str, Any], revision: str) -> str:
    recipe, name = settings["recipe"], settings["name"]
    shipped = name in SHIPPED
    loaded = name if shipped else f"path/to/{name}"
    command = (
        f"training/recipes/{name}.toml --out models/{name} --corpora DIR" if shipped else f"{name}.toml --out {loaded}"
    )
    epochs = f"{recipe['epochs']} epoch{'s' if recipe['epochs'] > 1 else ''}"
    elsewhere = "`evaluate/README.md`" if shipped else "the report of `quotestance evaluate`"
    return f"""---
license: other
license_name: apache-2.0-as-far-as-ours-to-give
language: en
library_name: transformers
pipeline_tag: text-classification
tags: [stance-detection, news, quotes]
---
# {name}

Reads a quote in its article and says where its speaker stands toward a target: {_listed(settings["labels"], "or")}. A fine-tuned
encoder ({recipe["start"]}) as a plain `AutoModelForSequenceClassification` folder, weights in half precision.
Revision `{revision}` (the first digits of the weights' SHA-256).

    import quotestance as qs
    qs.load_stance_model("{loaded}").predict(["We will never sit at that table."], ["negotiations with the United States"])

## What it was taught
Seed {settings["seed"]}, {epochs}, learning rate {recipe["learning_rate"]:g}, {recipe["batch_tokens"]:,} tokens a step, {settings["minutes"]} minutes on {settings["device"]}.
The kept weights are the moving average at the epoch with the best dev score. The command, with your copies of the corpora:

    quotestance train {command}

| material | what it is | passes | swapped neutrals | unasked neutrals | licence words found |
|---|---|---|---|---|---|
{chr(10).join(_source(part, recipe["epochs"]) for part in recipe["train"])}

Labels in training (each pair once): {_listed([f"{label} {count:,}" for label, count in settings["train_labels"].items()], "and")}.
The code and the weights are given under Apache-2.0 as far as that is ours to do; whether learning from a corpus binds you to its licence is
not settled, so the words found with each stand beside it.
A swapped neutral is a quote asked about a target of another article that it does not name, an unasked neutral one asked about a
target of its own article that nobody labelled it for.

## What it scores on dev
The last line of the training run, in the precision that is shipped. Dev chose the epoch and the temperature, so these
flatter it; scores on held-out test material, per label and with intervals, are in {elsewhere}.

| dev material | n | macro-F1 |
|---|---|---|
{chr(10).join(f"| {part} | {score['n']:,} | {score['macro_f1']:.3f} |" for part, score in settings["dev"].items())}
{_luck(settings.get("seeds"))}
Probabilities are divided by a temperature of {settings["temperature"]}, fitted on dev. `pipeline("text-classification")` loads the
folder too, but does not apply the temperature, nor mark the quote in its context: it will do worse than `quotestance`.

## For what, and for what not
For measuring stances in many articles, with a sample of them checked by hand and the report beside the result.
Not for deciding about a single person, and not for languages other than English.
{_origin(recipe)}- Irony, voices inside voices, and quotes that favor one target while opposing another are its known weak points (`quotestance checklist`).
- Targets that a quote has nothing to do with are called neutral; that is not the same as a speaker who takes no side.
"""


def _luck(seeds: dict[str, Any] | None) -> str:
    """How much the dev score varies by the seed, where several were trained."""
    if not seeds:
        return ""
    rows = [f"{name} {score['mean']:.3f} ± {score['sd']:.3f}" for name, score in seeds["dev"].items()]
    return (
        f"\nTrained with {len(seeds['scores'])} seeds ({_listed(list(seeds['scores']), 'and')}); the best on dev, {seeds['kept']}, is the one here. "
        f"Mean ± standard deviation over the seeds: {'; '.join(rows)}; all together {seeds['mean']:.3f} ± {seeds['sd']:.3f}.\n"
    )


def _origin(recipe: dict[str, Any]) -> str:
    """Where the shipped material comes from, and what follows; a model of one's own labels has its own origin."""
    if not any("polnear" in part["material"] for part in recipe["train"]):
        return f"- It learned from the labels above, starting from {recipe['start']}: whatever is one-sided in them is so in it.\n"
    return (
        "- A large part of its labels, and the held-out news quotes it is measured on, were labelled by a language model. Consistent\n"
        "  labels are not the same as labels that people agree with.\n"
        "- US politics of 2016 and US readers' comments are most of what it has read.\n"
    )


def _source(part: dict[str, Any], epochs: int) -> str:
    corpus = next((name for name in SOURCES if name in part["material"]), None)
    what, licence = SOURCES[corpus] if corpus else ("your own material", "yours to say")
    return f"| `{part['material']}` | {what} | {part['share'] * epochs:g} | {part['swapped_neutrals']:.0%} | {part.get('unasked_neutrals', 0):.0%} | {licence} |"


def _listed(words: list[str], last: str) -> str:
    return ", ".join(words[:-1]) + f" {last} " + words[-1] if len(words) > 1 else "".join(words)
