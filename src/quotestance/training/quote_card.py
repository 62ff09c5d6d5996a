"""A finished run of a quote finder into its model card, in the hub's metadata form. Every number in it is read from the run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from quotestance.models.folders import SETTINGS_FILE, SHIPPED
from quotestance.models.stance import weights_revision
from quotestance.training.card import CARD_FILE
from quotestance.training.card_metadata import metadata

# dev scores shown, by where they stand in the settings
SHOWN = {
    "contents, exact F1": ("contents", "exact", "all", "f1"),
    "contents, F1 at 0.3 overlap": ("contents", "overlap 0.3", "all", "f1"),
    "contents, F1 at 0.8 overlap": ("contents", "overlap 0.8", "all", "f1"),
    "contents, soft F1": ("contents", "soft", "all", "f1"),
    "direct quotes, recall at 0.8 overlap": ("contents", "overlap 0.8", "direct", "recall"),
    "mixed quotes, recall at 0.3 overlap": ("contents", "overlap 0.3", "mixed", "recall"),
    "indirect quotes, recall at 0.3 overlap": ("contents", "overlap 0.3", "indirect", "recall"),
    "source, given a matched content": ("given", "source"),
    "cue, given a matched content": ("given", "cue"),
}


def write_quote_card(folder: str | Path) -> Path:
    """Write the card of a quote finder's folder; returns its path."""
    path = Path(folder) / CARD_FILE
    path.write_text(quote_card_of(folder), encoding="utf-8")
    return path


def quote_card_of(folder: str | Path) -> str:
    """The card of a quote finder's folder, made from its settings."""
    path = Path(folder)
    return _card(json.loads((path / SETTINGS_FILE).read_text(encoding="utf-8")), weights_revision(path))


def _card(settings: dict[str, Any], revision: str) -> str:
    recipe, name, dev = settings["recipe"], settings["name"], settings["dev"]
    shipped = name in SHIPPED
    folder = f"runs/{name}" if shipped else f"path/to/{name}"
    recipe_file = f"training/recipes/{name}.toml" if shipped else f"{name}.toml"
    teacher = (
        f" {recipe['teacher_weight']:.0%} of the loss of its tags is what a larger finder of the same recipe's kind (`{Path(recipe['teacher']).name}`) thinks of them, learned beside the gold ones."
        if recipe.get("teacher")
        else ""
    )
    rows = "\n".join(f"| {title} | {_score(dev, place)} |" for title, place in SHOWN.items())
    shown = [(title, _at(dev, place)["value"]) for title, place in SHOWN.items() if place[-1] == "f1"]
    head = metadata(
        name,
        library="quotestance",
        task="token-classification",
        tags=["quote-extraction", "quote-attribution", "news"],
        start=recipe["start"],
        materials=recipe["train"],
        scores=[(", ".join(recipe["dev"]), title, value) for title, value in shown if value is not None],
    )
    return f"""---
{head}
---
# {name}

Finds who says what in an English news article: direct, indirect and mixed quotes, interrupted ones too, with the mention of the speaker and
the cue. A fine-tuned encoder ({recipe["start"]}) that tags contents, sources and cues with a linear-chain CRF, points from each content at
its source and its cue, and joins the pieces of interrupted quotes. Weights in half precision; revision `{revision}`
(the first digits of the weights' SHA-256).

    import quotestance as qs
    article = qs.load(quotes="{name if shipped else folder}").analyze(text, targets=["the new bridge"])
    [(quote.speaker.name, quote.cue, quote.text) for quote in article.quotes]

## What it was taught
{", ".join(f"`{one}`" for one in recipe["train"])}: {settings["train"]["articles"]:,} articles, {settings["train"]["quotes"]:,} quotes. PolNeAR (Newell et al., LREC 2018) is US political news of 2016,
annotated by people; no licence is stated with the copy that was used. Seed {settings["seed"]}, {recipe["epochs"]} epochs, learning rate {recipe["learning_rate"]:g}
({recipe["heads_faster"]:g} times that for the new layers), steps of up to {recipe["batch_tokens"]:,} tokens, {settings["minutes"]} minutes on {settings["device"]}. The kept weights are the moving
average at the epoch with the best dev score; the options of decoding were chosen on dev after that.{teacher} The command:

    quotestance train {recipe_file} --out {folder} --corpora DIR

The network also sees what the rules of `quotestance` say of each word, and learned how far to trust them.

## What it scores on dev
{dev["articles"]} articles, {dev["gold"]:,} quotes, 95 % intervals by bootstrap over articles. Dev chose epoch and options, so this flatters it; the test scores, beside those of rules and
of textacy, are in {"`evaluate/README.md`" if shipped else "what `quotestance score-quotes` prints"}.

| | |
|---|---|
{rows}

What each measure means stands at the top of `quotestance/evaluate/quotes.py`.

## For what, and for what not
For reading many English news articles, with a sample checked by hand. It was taught on one country's politics in one year: test it on your own material first.
It does not see the speaker's name, only the mention; names are resolved afterwards, by rules. Texts that are not English get the rules for quotation marks, with a warning.
Voices inside voices (a source who reports another source) are found as separate quotes only where PolNeAR marks them so.
"""


def _score(dev: dict[str, Any], place: tuple[str, ...]) -> str:
    held = _at(dev, place)
    if held["value"] is None:
        return "– (none on dev)"
    around = held["interval"]
    return f"{held['value']:.3f}" + (f" [{around[0]:.3f}, {around[1]:.3f}]" if around else "")


def _at(dev: dict[str, Any], place: tuple[str, ...]) -> Any:
    held: Any = dev
    for key in place:
        held = held[key]
    return held
