# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Models side by side on held-out articles
# Change the next cell to your own material: a file of annotated articles, or a table with `text`, `target`, `label` and `group`.
#
# As shipped it uses what needs no corpus: the two annotated seed articles. They are **two articles**: the intervals say how little
# that is. With `QUOTESTANCE_CORPORA` set it uses the 42 held-out PolNeAR articles instead, whose labels a language model made.

# %%
import os
from pathlib import Path

import pandas as pd

import quotestance as qs
from quotestance.models.protocol import predicted_pairs
from quotestance.view import plots

root = next(folder for folder in [Path.cwd(), *Path.cwd().parents] if (folder / "seeds").is_dir())
labels = root / "data" / "annotated"

if os.environ.get("QUOTESTANCE_CORPORA"):
    GOLD, TRAINING = [labels / "polnear" / "test.jsonl"], [labels / "polnear" / "train.jsonl"]
else:
    GOLD, TRAINING = sorted(labels.glob("*.json")), []

# %%
gold = [pair for path in GOLD for pair in qs.read_material(path)]
training = [pair for path in TRAINING for pair in qs.read_material(path)]
pd.Series([pair.label for pair in gold]).value_counts().to_frame("pairs").assign(
    articles=len({pair.group for pair in gold})
)

# %% [markdown]
# ## Predict
# The shipped model is asked as it is. The baseline learns from `TRAINING`; where there is none, it learns from all articles but the
# one that it is asked about.


# %%
def baseline(name):
    if training:
        return predicted_pairs(gold, qs.load_stance_model(name, training=training))
    answers = []
    for article in sorted({pair.group for pair in gold}):
        others = qs.load_stance_model(name, training=[pair for pair in gold if pair.group != article])
        answers += predicted_pairs([pair for pair in gold if pair.group == article], others)
    return answers


predictions = {
    "stance-small": predicted_pairs(gold, qs.load_stance_model("stance-small")),
    "tfidf": baseline("tfidf"),
    "majority": baseline("majority"),
}
reports = {name: qs.evaluate(gold, predicted) for name, predicted in predictions.items()}

# %% [markdown]
# ## Scores, with 95% intervals over articles

# %%
pd.concat({name: report.scores for name, report in reports.items()}, axis=1).loc[
    ["accuracy", "macro_f1", "semeval_favg", "matthews"]
]

# %%
reports["stance-small"].per_label

# %% [markdown]
# ## Is the difference more than luck?
# McNemar over pairs, and the permutation test over whole articles: the second is the one to report.

# %%
comparison = qs.compare(gold, predictions["stance-small"], predictions["tfidf"])
print(comparison.to_text())

# %% [markdown]
# ## Where it errs

# %%
confusion = reports["stance-small"].to_json()["confusion"]
plots.confusion_figure(confusion["gold"], confusion["predicted"], confusion["counts"])

# %%
reports["stance-small"].mistakes[["target", "gold", "predicted", "context"]].head(10)

# %% [markdown]
# ## Would more articles help?
# The learning curve of the TF-IDF baseline on PolNeAR train, scored on dev, as `quotestance learning-curve` wrote it.

# %%
curve = pd.read_csv(root / "evaluate" / "reports" / "learning-curve-tfidf.csv")
plots.learning_curve_figure(curve.to_dict("records"))
