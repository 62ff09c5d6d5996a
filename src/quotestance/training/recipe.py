"""A recipe: everything a training run depends on, read from TOML, unknown keys refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from quotestance.data.errors import QuotestanceError
from quotestance.data.toml_records import read_record, read_toml


class RecipeError(QuotestanceError):
    """A recipe that can't be read, or asks for what can't be done."""


HIGHEST_SEED = 2**32 - 1  # NumPy's
Seed = Annotated[int, Field(ge=0, le=HIGHEST_SEED)]
ShareOfStart = Annotated[float, Field(ge=0, lt=1)]
SHIPPED_RECIPES = "training/recipes/ holds those that the shipped models were made by."
TABLES = {
    "train": "[[train]] and below it material = …",
    "dev": "[[dev]] and below it material = …",
    "search": "[search] and below it trials = …",
}


# keys of a part that make pairs -> the labels they give them
ADDS_LABELS = {
    "swapped_neutrals": ("neutral",),
    "unasked_neutrals": ("neutral",),
    "mirrored": ("favor", "against"),
    "joined": (),
}


COLUMNS: Any = Field(
    default={}, description="our columns -> what a pair table calls them: { text = 'body', label = 'stance' }"
)
LABEL_MAP: Any = Field(
    default={}, description="the material's labels -> the recipe's: { pro = 'favor' }; '' leaves its pairs out"
)


class Part(BaseModel):
    """Training material: a corpus split ('vast/train'), a file of articles or a pair table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    material: str
    columns: dict[str, str] = COLUMNS
    label_map: dict[str, str] = LABEL_MAP
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
    mirrored: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="pairs added, as a share: the target as 'opposition to …', favor and against changed for each other",
    )
    joined: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="pairs added, as a share: a quote read in one breath with a quote about another target, its label kept",
    )


class DevPart(BaseModel):
    """Held-out material on which the best epoch is chosen and the temperature fitted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    material: str
    columns: dict[str, str] = COLUMNS
    label_map: dict[str, str] = LABEL_MAP
    split: str | None = Field(default=None, description="a frozen split of it; only `part` is read")
    part: str = "dev"
    weight: float = Field(default=1.0, ge=0, description="in the mean of macro-F1 that chooses the epoch")


class Range(BaseModel):
    """Numbers from `low` to `high`, evenly or (`log`) by their logarithm."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    low: float
    high: float
    log: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")
        if self.log and self.low <= 0:
            raise ValueError(f"log needs a low above 0 (it is {self.low:g})")
        return self


class Search(BaseModel):
    """Keys of the recipe to try: a list of choices, or a range `{ low = …, high = …, log = true }`; and how often."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Range | tuple[Any, ...]]

    trials: int = Field(default=20, ge=1)

    @property
    def spaces(self) -> dict[str, Range | tuple[Any, ...]]:
        """Key -> its choices or its range."""
        return dict(self.__pydantic_extra__ or {})

    @model_validator(mode="after")
    def _of_the_recipe(self) -> Self:
        if not self.spaces:
            raise ValueError(f"name at least one key to try, of: {', '.join(_searchable())}")
        for key, space in self.spaces.items():
            if key not in _searchable():
                raise ValueError(f"'{key}' can't be searched. These can: {', '.join(_searchable())}")
            field = Recipe.model_fields[key]
            values: tuple[Any, ...] = (space.low, space.high) if isinstance(space, Range) else space
            if not values:
                raise ValueError(f"{key}: the list of choices is empty")
            kind: Any = Annotated[field.annotation, field]
            for value in values:
                try:
                    TypeAdapter(kind).validate_python(value)
                except ValidationError as problems:
                    raise ValueError(f"{key}: {value!r}: {problems.errors()[0]['msg']}") from None
        return self


def _searchable() -> list[str]:
    """The keys that are one number, word or switch."""
    return [
        key
        for key, field in Recipe.model_fields.items()
        if field.annotation in (int, float, str, bool) and key not in ("name", "seed", "checkpoint_steps", "dev_share")
    ]


def _several(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else (value,)


class Recipe(BaseModel):
    """One training run of a stance classifier. `training/README.md` explains each key and shows every recipe's scores."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    task: Literal["stance"] = Field(
        default="stance", exclude=True
    )  # excluded: checkpoints know a recipe by its other keys
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
    seed: Seed = 13
    seeds: tuple[Seed, ...] = Field(
        default=(), description="instead of `seed`: each is trained, mean ± sd reported, the best on dev kept"
    )
    epochs: int = Field(default=3, ge=1)
    batch_tokens: int = Field(default=4096, ge=64, description="tokens a batch at most, padding included")
    least_steps: int = Field(
        default=20,
        ge=0,
        description="an epoch that would have fewer has smaller batches, down to 512 tokens; 0: batches as they are",
    )
    learning_rate: float = Field(default=1e-4, gt=0)
    warmup: float = Field(default=0.06, ge=0, lt=1, description="share of the steps on which the rate rises")
    schedule: str = Field(
        default="linear",
        pattern="^(linear|cosine|constant)$",
        description="of the rate after the warm-up: down to 0 in a straight line or half a wave, or as it is",
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
    teacher: Annotated[tuple[str, ...], BeforeValidator(_several)] = Field(
        default=(), description="a model folder or several, whose mean probabilities are learned beside the labels"
    )
    teacher_weight: float = Field(
        default=0.5, ge=0, le=1, description="of the teachers in the loss; the labels have the rest"
    )
    teacher_temperature: float = Field(default=2.0, gt=0, description="above 1 it shows more of what else was likely")
    lora: int = Field(default=0, ge=0, description="rank of adapters that are trained instead of the encoder; 0: none")
    patience: int = Field(default=0, ge=0, description="stop after so many epochs without a better dev score; 0: never")
    averaging: float = Field(
        default=0.999,
        ge=0,
        lt=1,
        description="decay of the moving average of the weights, which is what is kept; 0 keeps the last weights",
    )
    start_share: Annotated[tuple[ShareOfStart, ...], BeforeValidator(_several)] = Field(
        default=(0.0,),
        min_length=1,
        description="how far the kept weights lie back toward those of the model it goes on from: less is forgotten. Of several the best on dev",
    )
    clip: float = Field(default=1.0, gt=0)
    precision: str = Field(default="auto", pattern="^(auto|fp32|bf16)$")
    frozen_layers: int = Field(
        default=0, ge=0, description="embeddings and that many lowest layers stay as they are, if 1 or more"
    )
    context: int = Field(default=40, ge=0, description="tokens around the quote, each side")
    max_length: int = Field(default=192, ge=32)
    speaker: bool = True
    mark_target: bool = Field(default=False, description="mark where the quote names the target, by name or alias")
    checkpoint_steps: int = Field(default=200, ge=1)
    search: Search | None = None

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if len(set(self.labels)) < 2:
            raise ValueError("labels: two or more different ones are needed")
        if self.rdrop and not self.dropout:
            raise ValueError("rdrop compares two passes that differ by their dropout: set dropout too, for example 0.1")
        if self.lora and any(self.start_share):
            raise ValueError(
                "start_share mixes whole weights and lora trains adapters beside them: leave one of the two out"
            )
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("seeds: the same seed gives the same model; name different ones")
        if self.dev and not any(part.weight for part in self.dev):
            raise ValueError("dev: every weight is 0, so that none of it can choose the epoch. Give one part a weight")
        parts: tuple[Part | DevPart, ...] = (*self.train, *self.dev)
        for one in parts:
            if unknown := sorted({label for label in one.label_map.values() if label} - set(self.labels)):
                raise ValueError(
                    f"label_map of {one.material} maps to {', '.join(unknown)}; the recipe's labels are {', '.join(self.labels)}"
                )
        for part in self.train:
            for key, needed in ADDS_LABELS.items():
                if getattr(part, key) and (missing := [label for label in needed if label not in self.labels]):
                    raise ValueError(f"{key} makes pairs labelled {' or '.join(missing)}, which `labels` does not have")
        return self


def read_recipe(path: str | Path) -> Recipe:
    """Read and check a recipe. Raises RecipeError that names the file, the key and what it may be."""
    return read_record(path, Recipe, error=RecipeError, there_are=SHIPPED_RECIPES, wrong=_wrong)


def task_of(path: str | Path) -> str:
    """What a recipe trains: 'quotes' where it says so (`task`), else 'stance'."""
    return str(read_toml(path, error=RecipeError, there_are=SHIPPED_RECIPES).get("task", "stance"))


def _wrong(path: str, problems: ValidationError) -> str:
    told = [problem for problem in problems.errors() if problem["type"] != "too_short" or not problem["input"]]
    return "\n".join(_said(path, problem) for problem in told)


def _said(path: str, problem: Any) -> str:
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        parts: dict[str, type[BaseModel]] = {"train": Part, "dev": DevPart}
        where = parts.get(str(problem["loc"][0]), Recipe) if len(problem["loc"]) > 1 else Recipe
        return f"{path}: unknown key '{key}'. Known keys: {', '.join(where.model_fields)}."
    if key in ("train", "dev", "search"):
        return f"{path}: {key}: {problem['msg'].replace('tuple', 'list')}. Write it as a table: {TABLES[key]}."
    return f"{path}: {key or 'recipe'}: {problem['msg'].replace('tuple', 'list')} (it says {problem['input']!r})."
