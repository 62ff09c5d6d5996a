"""The peers, one function each: TF-IDF with a linear SVM, SetFit, the stock Trainer of transformers, and ours."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quotestance.data.labels import LabelSet
from quotestance.data.pair_tables import read_pairs
from quotestance.data.pairs import Pair
from quotestance.evaluate.macro_f1 import macro_f1
from quotestance.training.recipe import Recipe, RecipeError
from quotestance.training.start import encoder_folder, fit_tokenizer, set_dropout

STOCK_BATCH, STOCK_LENGTH, STOCK_DROPOUT = 32, 128, 0.1  # as in the text-classification example of transformers


@dataclass(frozen=True)
class PeerTask:
    """What a peer is given: a recipe for its encoder, epochs, rate and seed; the folder of the pair tables; a folder of its own."""

    recipe: Recipe
    material: Path
    folder: Path

    def pairs(self, part: str) -> list[Pair]:
        """The pairs of 'train', 'dev' or 'test'."""
        return read_pairs(self.material / f"{part}.jsonl", labels=LabelSet(self.recipe.labels))


@dataclass(frozen=True)
class Learned:
    """A trained peer: its answers to pairs, and how many examples its steps were shown in how many seconds."""

    predict: Callable[[Sequence[Pair]], list[str]]
    examples: int
    seconds: float


def tfidf_svm(task: PeerTask) -> Learned:
    """Word and word-pair TF-IDF of quote, speaker and target into a linear support vector machine."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    pairs = task.pairs("train")
    started = time.perf_counter()
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LinearSVC(random_state=task.recipe.seed)
    )
    model.fit([_one_text(pair) for pair in pairs], [pair.label for pair in pairs])
    seconds = time.perf_counter() - started
    return Learned(lambda asked: list(model.predict([_one_text(pair) for pair in asked])), len(pairs), seconds)


def setfit(task: PeerTask) -> Learned:
    """SetFit (Tunstall et al. 2022): contrastive pairs of texts, then logistic regression on the embeddings.

    It reads as many texts as the others do: epochs × training pairs.
    """
    try:
        from datasets import Dataset
        from setfit import SetFitModel, Trainer, TrainingArguments
    except ImportError as problem:
        raise _missing("setfit", problem) from None

    recipe, pairs = task.recipe, task.pairs("train")
    model = SetFitModel.from_pretrained(encoder_folder(recipe.start), labels=list(recipe.labels), device="cpu")
    model.model_body.max_seq_length = min(STOCK_LENGTH, model.model_body.max_seq_length or STOCK_LENGTH)
    data = Dataset.from_dict(
        {
            "text": [_one_text(pair) for pair in pairs],
            "label": [recipe.labels.index(pair.label or "") for pair in pairs],
        }
    )
    texts_a_step = 2 * STOCK_BATCH
    settings = TrainingArguments(
        output_dir=str(task.folder),
        batch_size=STOCK_BATCH,
        max_steps=max(1, recipe.epochs * len(pairs) // texts_a_step),
        num_iterations=recipe.epochs,
        seed=recipe.seed,
        report_to="none",
        save_strategy="no",
        show_progress_bar=False,
    )
    trainer = Trainer(model=model, args=settings, train_dataset=data)
    started = time.perf_counter()
    trainer.train()
    seconds = time.perf_counter() - started
    return Learned(
        lambda asked: [str(answer) for answer in model.predict([_one_text(pair) for pair in asked])],
        settings.max_steps * texts_a_step,
        seconds,
    )


def stock_trainer(task: PeerTask) -> Learned:
    """transformers.Trainer on a CPU as its text-classification example has it: fp32, dropout 0.1, padded to 128 tokens, 32 a batch.

    Epochs and learning rate are the recipe's; the best epoch on dev is kept, as ours does.
    """
    try:
        import accelerate  # noqa: F401
        from datasets import Dataset
    except ImportError as problem:
        raise _missing("trainer", problem) from None
    import torch
    from transformers import (
        AutoConfig,
        AutoModelForSequenceClassification,
        AutoTokenizer,
        Trainer,
        TrainerCallback,
        TrainingArguments,
        default_data_collator,
        set_seed,
    )

    recipe, folder = task.recipe, encoder_folder(task.recipe.start)
    set_seed(recipe.seed)
    config = AutoConfig.from_pretrained(folder, num_labels=len(recipe.labels))
    set_dropout(config, STOCK_DROPOUT)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder, config=config, dtype=torch.float32)
    fit_tokenizer(tokenizer, model)

    def data(pairs: Sequence[Pair]) -> Any:
        rows = tokenizer(
            [pair.target for pair in pairs],
            [_words(pair) for pair in pairs],
            padding="max_length",
            truncation=True,
            max_length=min(STOCK_LENGTH, tokenizer.model_max_length),
        )
        labels = [recipe.labels.index(pair.label or "") for pair in pairs]
        return Dataset.from_dict({**rows, "labels": labels})

    class Clock(TrainerCallback):  # type: ignore[misc]
        """Adds up the time between an epoch's first step and its last: neither tokenising, scoring nor saving."""

        seconds = begun = 0.0

        def on_epoch_begin(self, *args: Any, **kwargs: Any) -> None:
            self.begun = time.perf_counter()

        def on_epoch_end(self, *args: Any, **kwargs: Any) -> None:
            self.seconds += time.perf_counter() - self.begun

    def scored(answers: Any) -> dict[str, float]:
        gold, given = (
            [recipe.labels[n] for n in columns] for columns in (answers.label_ids, answers.predictions.argmax(-1))
        )
        return {"macro_f1": macro_f1(gold, given, labels=recipe.labels, rounds=0).value}

    settings = TrainingArguments(
        output_dir=str(task.folder),
        per_device_train_batch_size=STOCK_BATCH,
        per_device_eval_batch_size=STOCK_BATCH,
        num_train_epochs=recipe.epochs,
        learning_rate=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
        seed=recipe.seed,
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=1,
        load_best_model_at_end=True,
        metric_for_best_model="macro_f1",
        report_to="none",
        use_cpu=True,
        disable_tqdm=True,
    )
    clock, pairs = Clock(), task.pairs("train")
    trainer = Trainer(
        model=model,
        args=settings,
        train_dataset=data(pairs),
        eval_dataset=data(task.pairs("dev")),
        processing_class=tokenizer,
        data_collator=default_data_collator,  # the rows are padded: the batch needs no more
        compute_metrics=scored,
        callbacks=[clock],
    )
    trainer.train()

    def predict(asked: Sequence[Pair]) -> list[str]:
        columns = trainer.predict(data(asked)).predictions.argmax(-1)
        return [recipe.labels[column] for column in columns.tolist()]

    return Learned(predict, recipe.epochs * len(pairs), clock.seconds)


def ours(task: PeerTask) -> Learned:
    """`quotestance train` with the recipe, on a CPU."""
    from quotestance.training.fit import fit
    from quotestance.training.whole_model import read_settings

    model = fit(task.recipe, task.folder, resume=False, device="cpu")
    rate = read_settings(task.folder)["examples_per_second"]
    shown = task.recipe.epochs * len(task.pairs("train"))
    return Learned(lambda asked: [str(one.label) for one in model.predict_pairs(asked)], shown, shown / rate)


FITS: dict[str, Callable[[PeerTask], Learned]] = {
    "tfidf-svm": tfidf_svm,
    "setfit": setfit,
    "trainer": stock_trainer,
    "ours": ours,
}


def _words(pair: Pair) -> str:
    return f"{pair.speaker}: {pair.quote_text}" if pair.speaker else pair.quote_text


def _one_text(pair: Pair) -> str:
    return f"{pair.target}. {_words(pair)}"


def _missing(name: str, problem: ImportError) -> RecipeError:
    return RecipeError(
        f"The peer '{name}' needs packages that are absent ({problem}): pip install 'quotestance[stance-peers]'"
    )
