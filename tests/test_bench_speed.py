"""What `bench speed` says was measured: the same tokens on both sides, equal answers, and a table to read."""

import json
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from quotestance.bench.made_up import made_articles, made_pairs
from quotestance.bench.speed import LIMIT, OURS, STOCK, measure_speed
from quotestance.bench.startup import measured_alone
from quotestance.bench.stock_pipeline import StockPipeline, calibrated, questions_for_stock
from quotestance.cli import app
from quotestance.data.pairs import Pair
from quotestance.models import load_quote_finder
from quotestance.models.batching import padded
from quotestance.models.first_token import logits_function
from quotestance.models.folders import model_folder
from quotestance.models.stance import StanceClassifier


@pytest.fixture(scope="module")
def model() -> StanceClassifier:
    return StanceClassifier.from_pretrained("stance-small", device="cpu", precision="fp32")


def test_made_up_pairs_are_all_different_and_the_same_for_a_seed() -> None:
    pairs = made_pairs(300)
    assert len({(pair.text, pair.quote, pair.target) for pair in pairs}) == 300
    assert pairs == made_pairs(300)
    assert pairs != made_pairs(300, seed=14)


def test_a_finder_finds_most_quotes_of_a_made_up_article() -> None:
    (article,) = made_articles(1)
    text = article.text or ""
    assert len(text) >= 4600
    assert len(article.targets) == 5
    (found,) = load_quote_finder("rules").find_many([text])
    assert all(text[span.start : span.end] == span.text for quote in found for span in quote.spans)
    assert 0.7 * text.count("“") <= len(found) <= 1.5 * text.count("“")


def test_the_stock_pipeline_reads_the_very_tokens_that_ours_reads_and_answers_alike(model: StanceClassifier) -> None:
    stock = StockPipeline(model_folder("stance-small"), torch.device("cpu"))
    pairs = made_pairs(8)
    rows = model.inputs.encode(pairs)
    questions = questions_for_stock(model, rows)
    assert all(stock.reads(question, row) for question, row in zip(questions, rows, strict=True))
    wanted = calibrated(stock.probabilities(questions), model.temperature)
    assert abs(wanted - model.probabilities(pairs)).max() < 1e-5


def test_rows_of_which_the_stock_tokenizer_makes_other_tokens_are_left_out_and_counted(model: StanceClassifier) -> None:
    text = " ".join(["Okafor"] * 60) + " said that we agree"  # three tokens a name: the context's 40 begin inside one
    start = text.index("we agree")
    cut = Pair(id="cut", text=text, target="the plan", quote=((start, len(text)),))
    assert model.inputs.tokenizer.tokenize("Okafor said that") == ["ok", "##af", "##or", "said", "that"]
    found = measure_speed(
        model,
        model_folder("stance-small"),
        [*made_pairs(3), cut],
        finder=load_quote_finder("rules"),
        turns=1,
        threads=1,
        alone=False,
    )
    assert (found["rows"], found["left_out"]) == (3, 1)
    assert found["close_to_stock"]["largest"] < 1e-5


def test_reading_only_the_first_token_of_the_last_layer_changes_no_logit(model: StanceClassifier) -> None:
    rows = model.inputs.encode(made_pairs(30))
    assert len({len(row) for row in rows}) > 1
    inputs = padded(rows, pad_id=model.inputs.tokenizer.pad_token_id, segments=True)
    with torch.inference_mode():
        assert torch.allclose(logits_function(model.model)(inputs), model.model(**inputs).logits, atol=1e-5)


@pytest.mark.slow
def test_the_command_prints_a_table_and_writes_what_it_measured(tmp_path: Path) -> None:
    out = tmp_path / "speed.json"
    asked = ["bench", "speed", "--rows", "8", "--articles", "1", "--turns", "1", "--threads", "1", "--out", str(out)]
    threads = torch.get_num_threads()
    shown = CliRunner().invoke(app, asked, catch_exceptions=False)
    assert torch.get_num_threads() == threads
    measured = json.loads(out.read_text(encoding="utf-8"))
    assert measured["rows"] == 8
    assert set(measured["rates"]) == {STOCK, OURS, LIMIT}
    assert measured["close_to_stock"]["within"] >= 0.995
    assert all(one["start"] > 0 and one["peak"] > 100 for one in measured["alone"].values())
    assert f"| {OURS} |" in shown.output
    assert "articles" in measured


@pytest.mark.slow
def test_a_process_of_its_own_does_not_count_the_memory_of_the_one_that_started_it() -> None:
    held = bytearray(2 << 30)
    held[:: 1 << 12] = b"x" * len(held[:: 1 << 12])
    folder = model_folder("stance-small")
    measured = measured_alone("ours", folder, device="cpu", precision="fp32", rows=1, threads=1)
    assert measured["peak"] < 2048
