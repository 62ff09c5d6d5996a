"""A finished run into its model card, in the hub's metadata form: what it was taught, what it scores, what it is not for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from quotestance.models.folders import SETTINGS_FILE, SHIPPED
from quotestance.models.stance import weights_revision
from quotestance.training.card_metadata import ENGLISH, corpus_of, metadata
from quotestance.training.recipe import ADDS_LABELS, Part, Recipe

CARD_FILE = "README.md"
# keys of a recipe that have a place of their own in the card
TOLD = ("name", "train", "dev", "labels", "start", "seed", "seeds", "epochs", "batch_tokens", "learning_rate", "search")

# corpus -> (what it is, the licence words found with it)
SOURCES = {
    "polnear": (
        "stances of quoted speakers in US political news of 2016; **labels made by a large language model** under the codebook",
        "labels Apache-2.0; none stated for the texts, which are not included",
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
    """Write the card of a model folder; returns its path."""
    path = Path(folder) / CARD_FILE
    path.write_text(card_of(folder), encoding="utf-8")
    return path


def card_of(folder: str | Path) -> str:
    """The card of a model folder, made from its settings: every number in it is read from the run.

    What the settings of an older version do not say is left out.
    """
    path = Path(folder)
    return _card(json.loads((path / SETTINGS_FILE).read_text(encoding="utf-8")), weights_revision(path))


def _card(settings: dict[str, Any], revision: str) -> str:
    recipe, name, before = settings["recipe"], settings["name"], settings.get("ancestors", [])
    shipped = name in SHIPPED
    loaded = name if shipped else f"path/to/{name}"
    line = [one for one in before if one["role"] == "start"]  # the models that it went on from, nearest first
    encoder = [recipe["start"], *(one["start"] for one in line)][-1]
    commands = (
        [
            f"training/recipes/{one}.toml --out runs/{one} --corpora DIR"
            for one in [*(m["name"] for m in line[::-1]), name]
        ]
        if shipped
        else [f"{name}.toml --out {loaded}"]
    )
    passed = len(settings["epochs"])
    kept = max(settings["epochs"], key=lambda epoch: epoch["score"])
    best = kept["epoch"]
    elsewhere = "`evaluate/README.md`" if shipped else "the report of `quotestance evaluate`"
    head = metadata(
        name,
        library="transformers",
        task="text-classification",
        tags=["stance-detection", "news", "quotes"],
        start=encoder,
        language="en" if encoder in ENGLISH else None,
        materials=[part["material"] for part in recipe["train"]]
        + [material for one in before for material in one["materials"]],
        scores=[(part, "macro-F1", score["macro_f1"]) for part, score in settings["dev"].items()],
    )
    return f"""---
{head}
---
# {name}

Reads a quote in its article and says where its speaker stands toward a target: {_listed(settings["labels"], "or")}. A fine-tuned
encoder ({encoder}) as a plain `AutoModelForSequenceClassification` folder, weights in half precision.
Revision `{revision}` (the first digits of the weights' SHA-256).

    import quotestance as qs
    qs.load_stance_model("{loaded}").predict(["We will never sit at that table."], ["negotiations with the United States"])

## What it was taught
Seed {settings["seed"]}, {passed} epoch{"s" if passed > 1 else ""}, learning rate {recipe["learning_rate"]:g}, batches of up to {recipe["batch_tokens"]:,} tokens, {settings["minutes"]} minutes on {settings["device"]}.
The kept weights are {"the moving average" if recipe["averaging"] else "those"} after epoch {best}, which has the best dev score{_share_of_start(kept)}.{_changed_keys(recipe)} The command{"s" if len(commands) > 1 else ""}, with your copies of the corpora:

{chr(10).join(f"    quotestance train {command}" for command in commands)}

| material | what it is | passes until epoch {best} | other keys of it | licence words found |
|---|---|---|---|---|
{chr(10).join(_source(part, best) for part in recipe["train"])}

Labels in training (each pair once): {_listed([f"{label} {count:,}" for label, count in settings["train_labels"].items()], "and")}.{_cut(settings.get("train_cut"))}
The code and the weights are given under Apache-2.0 as far as that is ours to do; whether learning from a corpus binds you to its licence is
not settled, so the words found with each stand beside it.
{_keys_explained(recipe["train"])}{_ancestors(before)}
## What it scores on dev
The last line of the training run, in the precision that is shipped. Dev chose the epoch{" and the temperature" if settings.get("temperature_from", "dev") == "dev" else ""}, so these
flatter it; scores on held-out test material are in {elsewhere}.

{_dev_table(settings["dev"], settings["labels"])}
{_luck(settings.get("seeds"))}
{_temperature(settings)} `pipeline("text-classification")` loads the
folder too, but does not apply the temperature, nor mark quote and target in the text: it will do worse than `quotestance`.

## For what, and for what not
For measuring stances in many articles, with a sample of them checked by hand and the report beside the result.
Not for deciding about a single person, and not for {_other_languages(encoder)}.
{_origin(recipe, before)}- Irony, voices inside voices, and quotes that favor one target while opposing another are its known weak points (`quotestance checklist`).
{_nothing_to_do(settings["labels"])}"""


def _other_languages(encoder: str) -> str:
    if encoder in ENGLISH:
        return "languages other than English"
    return "languages other than those of its encoder and of the labels above"


def _nothing_to_do(labels: list[str]) -> str:
    if "neutral" not in labels:
        return ""
    return (
        "- Targets that a quote has nothing to do with are called neutral; that is not the same as a speaker who takes no side.\n"
        "- Asked about every target in every quote it often sees a side where there is none (`quotestance bench polnear-every-target`).\n"
    )


def _share_of_start(epoch: dict[str, Any]) -> str:
    """How far the kept weights lie back toward their start, where dev chose that of several shares."""
    if "start_share" not in epoch:
        return ""
    return f", {epoch['start_share']:g} of the way back to the weights it began with, the best on dev of {len(epoch['tried'])} such shares"


def _changed_keys(recipe: dict[str, Any]) -> str:
    told = _not_by_default(recipe, Recipe, besides=TOLD)
    return f" Keys of the recipe that are not as they are by default: {_listed(told, 'and')}." if told else ""


def _not_by_default(values: dict[str, Any], kind: type[BaseModel], *, besides: tuple[str, ...]) -> list[str]:
    """The keys of a recipe, or of a part of it, with another value than the default, as they are written in TOML."""
    defaults = {key: field.default for key, field in kind.model_fields.items() if key not in besides}
    return [
        f"`{key} = {json.dumps(values[key], ensure_ascii=False)}`"
        for key, default in defaults.items()
        if key in values and values[key] != (list(default) if isinstance(default, tuple) else default)
    ]


def _source(part: dict[str, Any], epochs: int) -> str:
    what, licence = _what_it_is(part["material"])
    beside = ", ".join(_not_by_default(part, Part, besides=("material", "share"))) or "–"
    return f"| `{part['material']}` | {what} | {part['share'] * epochs:g} | {beside} | {licence} |"


def _what_it_is(material: str) -> tuple[str, str]:
    corpus = corpus_of(material)
    return SOURCES[corpus] if corpus else ("your own material", "yours to say")


def _keys_explained(parts: list[dict[str, Any]]) -> str:
    """A line for each way of making pairs that the recipe makes use of."""
    made = [key for key in ADDS_LABELS if any(part.get(key) for part in parts)]
    return "".join(f"- `{key}`: {Part.model_fields[key].description}\n" for key in made)


def _cut(cut: dict[str, int] | None) -> str:
    if cut is None:
        return ""
    pieces = [f"{piece} {count:,}" for piece, count in cut.items() if piece != "inputs"]
    return f" Too long and cut: {cut['inputs']:,} inputs ({', '.join(pieces)})." if cut else " None of them was cut."


def _ancestors(before: list[dict[str, Any]]) -> str:
    """What the models that it went on from, or learned from, were taught: it carries that too."""
    if not before:
        return ""
    rows = [
        f"| {one['name']} (`{one['revision']}`), {one['role']} | `{material}` | {what} | {licence} |"
        for one in before
        for material in one["materials"]
        for what, licence in [_what_it_is(material)]
    ]
    return (
        "\nIt learned from other models too, and carries what they were taught:\n\n"
        "| by way of | material | what it is | licence words found |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )


def _temperature(settings: dict[str, Any]) -> str:
    """Where the temperature comes from, and what it does to calibration on dev."""
    value, error = settings["temperature"], settings.get("calibration")
    found_on = settings.get("temperature_from", "dev")  # the settings of an older version do not say: it was dev
    if found_on == "dev":
        said = f"Probabilities are divided by a temperature of {value}, fitted on dev."
    elif found_on == "none":
        said = "No temperature was fitted: dev has too few pairs for that."
    else:
        said = f"Probabilities are divided by a temperature of {value}, that of its start: dev has too few pairs to fit one."
    if error:
        said += f" Expected calibration error on dev: {error['before']:.3f} before it, {error['after']:.3f} with it."
    return said


def _dev_table(dev: dict[str, Any], labels: list[str]) -> str:
    """Macro-F1 of each dev material with its interval, and the recall of each label. Settings of an older version have the first alone."""
    head = ["dev material", "n", "articles or topics", "macro-F1", *(f"recall of {label}" for label in labels)]
    rows = [
        [
            part,
            f"{score['n']:,}",
            f"{score['groups']:,}" if "groups" in score else "–",
            f"{score['macro_f1']:.3f}"
            + (" [{:.3f}, {:.3f}]".format(*edges) if (edges := score.get("interval")) else ""),
            *(f"{score['recall'][label]:.3f}" if label in score.get("recall", {}) else "–" for label in labels),
        ]
        for part, score in dev.items()
    ]
    lines = [head, ["---"] * len(head), *rows]
    said = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{said}\n\n95 % intervals: bootstrap over whole articles or topics, seed 13, 1,000 rounds."


def _luck(seeds: dict[str, Any] | None) -> str:
    """How much the dev score varies by the seed, where several were trained."""
    if not seeds:
        return ""
    rows = [f"{name} {score['mean']:.3f} ± {score['sd']:.3f}" for name, score in seeds["dev"].items()]
    return (
        f"\nTrained with {len(seeds['scores'])} seeds ({_listed(list(seeds['scores']), 'and')}); the best on dev, {seeds['kept']}, is the one here. "
        f"Mean ± standard deviation over the seeds: {'; '.join(rows)}; all together {seeds['mean']:.3f} ± {seeds['sd']:.3f}.\n"
    )


def _origin(recipe: dict[str, Any], before: list[dict[str, Any]]) -> str:
    """Where the shipped material comes from, and what follows; a model of one's own labels has its own origin."""
    if any(corpus_of(part["material"]) == "polnear" for part in recipe["train"]):
        return (
            "- A large part of its labels, and the held-out news quotes it is measured on, were labelled by a language model. Consistent\n"
            "  labels are not the same as labels that people agree with.\n"
            "- US politics of 2016 and US readers' comments are most of what it has read.\n"
        )
    own = f"- It learned from the labels above, starting from {recipe['start']}: whatever is one-sided in them is so in it.\n"
    through = [one["name"] for one in before if any(corpus_of(one_of) == "polnear" for one_of in one["materials"])]
    if not through:
        return own
    return f"{own}- By way of {_listed(through, 'and')} it also learned from labels that a language model made.\n"


def _listed(words: list[str], last: str) -> str:
    return ", ".join(words[:-1]) + f" {last} " + words[-1] if len(words) > 1 else "".join(words)
