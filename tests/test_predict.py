"""Questions are answered as a stream, in data sets, in tables and in records, and nothing else of them changes."""

import json
from itertools import count, islice
from pathlib import Path

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from quotestance.data.pairs import Pair
from quotestance.inference.predict import Abstaining, answered_records, map_batch, predict_stream
from quotestance.inference.readers import raw_articles
from quotestance.inference.rejects import Reject
from stance_by_words import StanceByWords

MODEL = StanceByWords()


def test_a_stream_is_answered_in_order_without_being_read_to_its_end() -> None:
    endless = (Pair(id=str(n), text=f"Words {n}.", target="the plan", label="favor") for n in count())
    answered = list(islice(predict_stream(endless, MODEL, at_once=3), 7))
    assert [one.id for one in answered] == [str(n) for n in range(7)]
    assert answered == [*predict_stream([one.with_label(None) for one in answered], MODEL, at_once=100)]
    assert all(one.annotator == "model:by-words@1" and one.label in MODEL.labels for one in answered)


def test_a_data_set_is_mapped_with_its_own_column_names() -> None:
    datasets = pytest.importorskip("datasets")
    rows = {"post": ["We agree.", "We refuse."], "topic": ["the plan", "the law"], "n": [1, 2]}
    mapped = datasets.Dataset.from_dict(rows).map(map_batch(MODEL, {"text": "post", "target": "topic"}), batched=True)
    assert mapped.column_names == ["post", "topic", "n", "label", "p_favor", "p_against", "p_neutral", "model"]
    pairs = [
        Pair(id=str(n), text=text, target=target)
        for n, (text, target) in enumerate(zip(rows["post"], rows["topic"], strict=True))
    ]
    assert list(mapped["label"]) == [stance.label for stance in MODEL.predict_pairs(pairs)]


def test_a_batch_that_has_a_label_keeps_it() -> None:
    assert "predicted" in map_batch(MODEL)({"text": ["We agree."], "target": ["the plan"], "label": ["favor"]})


def test_abstaining_says_unclear_below_its_threshold_and_keeps_the_probabilities() -> None:
    pairs = [Pair(id=str(n), text=f"Words {n}.", target="the plan") for n in range(50)]
    plain, careful = MODEL.predict_pairs(pairs), Abstaining(MODEL, 0.5).predict_pairs(pairs)
    assert {stance.label for stance in careful} > {"unclear"}
    for before, after in zip(plain, careful, strict=True):
        assert after.label == (before.label if (before.probability or 0) >= 0.5 else "unclear")
        assert after.probabilities == before.probabilities


def test_labels_that_are_there_stay_and_questions_are_answered(tmp_path: Path) -> None:
    record = {
        "format": "quotestance/1",
        "id": "a",
        "text": "We agree, he said.",
        "targets": [{"id": "t", "name": "the plan"}, {"id": "u", "name": "the law"}],
        "quotes": [
            {
                "id": "q",
                "spans": [{"start": 0, "end": 8, "text": "We agree"}],
                "stances": [{"target": "t", "label": "favor", "annotator": "a1"}, {"target": "u", "label": None}],
            }
        ],
    }
    (tmp_path / "a.jsonl").write_text(json.dumps(record), encoding="utf-8")
    (article,) = raw_articles([tmp_path / "a.jsonl"]).items()
    assert not isinstance(article, Reject)
    (answered,) = answered_records(MODEL)([article])
    gold, answer = answered["quotes"][0]["stances"]
    assert gold == {"target": "t", "label": "favor", "annotator": "a1"}
    assert answer["label"] in MODEL.labels
    assert answer["annotator"] == "model:by-words@1"


def command(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    import quotestance.models
    from quotestance.commands.predict import predict

    monkeypatch.setattr(quotestance.models, "load_stance_model", lambda *_, **__: MODEL)
    app = typer.Typer()
    app.command()(predict)
    done = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_the_command_answers_a_table_with_columns_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text('nr,post,topic,party\n7,"We agree, all.",the plan,A\n9,We refuse.,the plan,B\n', encoding="utf-8")
    shown = command(monkeypatch, str(source), "--out", str(out), "--text", "post", "--target", "topic", "--id", "nr")
    assert "2 pairs in = 2 out + 0 rejected" in shown
    table = pd.read_csv(out)
    assert list(table.columns) == [
        "id",
        "nr",
        "post",
        "topic",
        "party",
        "label",
        "p_favor",
        "p_against",
        "p_neutral",
        "model",
    ]
    assert list(table["id"]) == [7, 9]
    assert list(table["post"]) == ["We agree, all.", "We refuse."]


def test_rows_without_an_id_are_named_as_every_other_reader_of_tables_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from quotestance.data.pair_tables import read_pairs

    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"text": "We agree.", "target": "the plan", "label": "favor"}\n', encoding="utf-8")
    command(monkeypatch, str(source), "--out", str(out))
    answered = json.loads(out.read_text(encoding="utf-8"))
    assert answered["id"] == read_pairs(source)[0].id
    assert answered["label"] == "favor"
    assert answered["predicted"] in MODEL.labels


def test_a_table_may_come_by_standard_input(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "from quotestance.inference.readers import is_pair_table, pair_rows;"
        "assert is_pair_table('-'); print([row.pair.target for row in pair_rows('-').items()])"
    )
    for table in ("text,target\nWe agree.,the plan\n", '{"text": "We agree.", "target": "the plan"}\n'):
        done = subprocess.run([sys.executable, "-c", code], input=table, capture_output=True, text=True, check=True)
        assert done.stdout == "['the plan']\n"
