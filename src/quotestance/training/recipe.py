"""A recipe: everything a training run depends on, read from TOML, unknown keys refused by name."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from quotestance.data.errors import QuotestanceError


class RecipeError(QuotestanceError):
    """A recipe that can't be read, or asks for what can't be done."""


class Part(BaseModel):
    """Training material: a corpus split ('vast/train'), a file of articles or a pair table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    material: str
    split: str | None = Field(default=None, description="a frozen split of it (quotestance split); only `part` is read")
    part: str = "train"
    share: float = Field(
        default=1.0, gt=0, le=20, description="passes over it an epoch: 0.5 draws half its pairs, 2 takes each twice"
    )
    swapped_neutrals: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="pairs added, as a share: a quote with the target of another group, labelled neutral",
    )
    unasked_neutrals: float = Field(
        default=0.0,
        ge=0,
        le=5,
        description="pairs added, as a share: a quote with a target of its group that it has no label for, labelled neutral",
    )


class DevPart(BaseModel):
    """Held-out material on which the best epoch is chosen and the temperature fitted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    material: str
    split: str | None = Field(default=None, description="a frozen split of it; only `part` is read")
    part: str = "dev"
    weight: float = Field(default=1.0, ge=0, description="in the mean of macro-F1 that chooses the epoch")


class Recipe(BaseModel):
    """One training run of a stance classifier. `training/README.md` explains each key and shows every recipe's scores."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    train: tuple[Part, ...] = Field(min_length=1)
    dev: tuple[DevPart, ...] = ()
    dev_share: float = Field(
        default=0.15, gt=0, lt=1, description="of the groups of the training material, where no dev is named"
    )
    labels: tuple[str, ...] = ("favor", "against", "neutral")
    start: str = Field(
        default="minilm",
        description="'minilm' (offline), a model folder or shipped model to go on from, or any encoder by path or hub name",
    )
    seed: int = 13
    epochs: int = Field(default=3, ge=1)
    batch_tokens: int = Field(default=4096, ge=64, description="tokens a step, padding included")
    learning_rate: float = Field(default=1e-4, gt=0)
    warmup: float = Field(
        default=0.06, ge=0, lt=1, description="share of the steps; then the rate falls in a straight line to 0"
    )
    weight_decay: float = Field(default=0.01, ge=0)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    class_weights: bool = Field(default=False, description="weigh labels by the inverse of their frequency")
    dropout: float = Field(
        default=0.0, ge=0, lt=1, description="on a CPU its random numbers cost more than the matrix products"
    )
    token_dropout: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="share of the tokens that are masked, other ones at every step; nearly free",
    )
    rdrop: float = Field(
        default=0.0, ge=0, description="weight of the agreement of two passes with different dropout (R-Drop's alpha)"
    )
    layer_decay: float = Field(
        default=1.0, gt=0, le=1, description="each layer learns at the rate of the one above it times that"
    )
    accumulate: int = Field(default=1, ge=1, description="batches a step")
    gradient_checkpointing: bool = Field(default=False, description="less memory for a third more time")
    patience: int = Field(default=0, ge=0, description="stop after so many epochs without a better dev score; 0: never")
    averaging: float = Field(
        default=0.999,
        ge=0,
        lt=1,
        description="decay of the moving average of the weights, which is what is kept; 0 keeps the last weights",
    )
    clip: float = Field(default=1.0, gt=0)
    precision: str = Field(default="auto", pattern="^(auto|fp32|bf16)$")
    frozen_layers: int = Field(
        default=0, ge=0, description="embeddings and that many lowest layers stay as they are, if 1 or more"
    )
    context: int = Field(default=40, ge=0, description="tokens around the quote, each side")
    max_length: int = Field(default=192, ge=32)
    speaker: bool = True
    checkpoint_steps: int = Field(default=200, ge=1)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if len(set(self.labels)) < 2:
            raise ValueError("labels: two or more different ones are needed")
        if self.rdrop and not self.dropout:
            raise ValueError("rdrop compares two passes that differ by their dropout: set dropout too, for example 0.1")
        if "neutral" not in self.labels and any(part.swapped_neutrals or part.unasked_neutrals for part in self.train):
            raise ValueError("swapped_neutrals and unasked_neutrals need the label 'neutral' in `labels`")
        return self


def read_recipe(path: str | Path) -> Recipe:
    """Read and check a recipe. Raises RecipeError that names the file, the key and what it may be."""
    values = _read(path)
    try:
        return Recipe.model_validate(values)
    except ValidationError as problems:
        raise RecipeError("\n".join(_said(str(path), problem) for problem in problems.errors())) from None


def task_of(path: str | Path) -> str:
    """What a recipe trains: 'quotes' where it says so (`task`), else 'stance'."""
    return str(_read(path).get("task", "stance"))


def _read(path: str | Path) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecipeError(
            f"There is no recipe {path}. training/recipes/ holds those that the shipped models were made by."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise RecipeError(f"{path} is not valid TOML: {problem}.") from None


def _said(path: str, problem: Any) -> str:
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        parts: dict[str, type[BaseModel]] = {"train": Part, "dev": DevPart}
        where = parts.get(str(problem["loc"][0]), Recipe) if len(problem["loc"]) > 1 else Recipe
        return f"{path}: unknown key '{key}'. Known keys: {', '.join(where.model_fields)}."
    return f"{path}: {key or 'recipe'}: {problem['msg']} (it says {problem['input']!r})."
