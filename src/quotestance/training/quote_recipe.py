"""A recipe of a quote finder: everything its training depends on, read from TOML, unknown keys refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from quotestance.data.toml_records import read_record
from quotestance.training.recipe import SHIPPED_RECIPES, RecipeError


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
    batch_tokens: int = Field(default=4096, ge=256, description="tokens a step at most, padding included")
    least_steps: int = Field(
        default=20,
        ge=0,
        description="an epoch that would have fewer has smaller ones, down to 512 tokens; 0: steps as they are",
    )
    window: int = Field(default=256, ge=64, le=512, description="tokens that are read together")
    context: int = Field(default=32, ge=0, description="of them, on each side, when articles are read in windows")
    reach: int = Field(default=64, ge=8, description="words before and behind a content that may be its source or cue")
    learning_rate: float = Field(default=2e-4, gt=0)
    heads_faster: float = Field(default=5.0, gt=0, description="the new layers learn that many times as fast")
    warmup: float = Field(default=0.06, ge=0, lt=1)
    weight_decay: float = Field(default=0.01, ge=0)
    token_dropout: float = Field(default=0.0, ge=0, lt=1, description="share of tokens that are masked in training")
    teacher: str | None = Field(
        default=None, description="folder of a quote finder whose tags are learned beside the gold ones"
    )
    teacher_weight: float = Field(default=0.5, ge=0, le=1, description="its share of the tags' loss")
    averaging: float = Field(default=0.999, ge=0, lt=1)
    clip: float = Field(default=5.0, gt=0)
    precision: str = Field(default="auto", pattern="^(auto|fp32|bf16)$")
    limit: int | None = Field(default=None, ge=1, description="only so many articles of train and dev: for a try")
    checkpoint_steps: int = Field(default=200, ge=1)


def read_quote_recipe(path: str | Path) -> QuoteRecipe:
    """Read and check a recipe. Raises RecipeError that names the file and the key."""
    return read_record(path, QuoteRecipe, error=RecipeError, there_are=SHIPPED_RECIPES)
