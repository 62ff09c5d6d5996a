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
# # One article in, its stances out
# The library, call by call, on one of the two articles that the project ships.

# %%
from pathlib import Path

import pandas as pd

import quotestance as qs

root = next(folder for folder in [Path.cwd(), *Path.cwd().parents] if (folder / "seeds").is_dir())
text = (root / "seeds" / "jannati-assembly-of-experts.txt").read_text(encoding="utf-8")
print(text[:300])

# %% [markdown]
# `qs.load()` gives the analyst: the quote finder, the speakers and the stance model. Targets are plain noun phrases.

# %%
analyst = qs.load()
article = analyst.analyze(text, targets=["negotiations with the United States", "resistance"])
for quote in article.quotes:
    print(quote.text[:60], "|", quote.speaker.name, [(s.target, s.label, s.probability) for s in quote.stances])

# %% [markdown]
# The same as a frame, one row a quote and target.

# %%
rows = pd.DataFrame(
    [
        {
            "speaker": quote.speaker.name,
            "kind": quote.kind,
            "quote": quote.text,
            "target": s.target,
            "stance": s.label,
            "probability": s.probability,
        }
        for quote in article.quotes
        for s in quote.stances
    ]
)
rows.sort_values("probability", ascending=False).head(10)

# %%
pd.crosstab([rows["speaker"].fillna("unknown"), rows["target"]], rows["stance"])

# %% [markdown]
# ## Your own table
# A frame with `text` and `target` is enough. `speaker`, and `quote` (the words of `text` that are the quote), help where you have them.

# %%
stance = qs.load_stance_model("stance-small")
frame = pd.DataFrame(
    {
        "text": [
            "We will never sit at that table.",
            "The minister said talks would resume in May.",
            "This accord makes all of us safer.",
        ],
        "target": ["negotiations", "negotiations", "the accord"],
    }
)
stance.predict_frame(frame)
