"""Questions are answered as a stream, in data sets, in tables and in records, and nothing else of them changes."""

import json
from itertools import count, islice
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from quotestance.data.errors import FormatError
from quotestance.data.pairs import Pair
from quotestance.inference.predict import Abstaining, answered_records, map_batch, predict_stream
from quotestance.inference.readers import raw_articles
from quotestance.inference.rejects import Reject
from quotestance.inference.runs import RunError
from stance_by_words import StanceByWords

MODEL = StanceByWords()


def test_a_stream_is_answered_in_order_without_being_read_to_its_end() -> None:
    endless = (Pair(id=str(n), text=f"Words {n}.", target="the plan", label="favor") for n in count())
    answered = list(islice(predict_stream(endless, MODEL, at_once=3), 7))
    assert [one.id for one in answered] == [str(n) for n in range(7)]
    assert answered == [*predict_stream([one.with_label(None) for one in answered], MODEL, at_once=100)]
    assert all(one.annotator == "model:by-words@1" and one.label in MODEL.labels for one in answered)


def test_dicts_of_a_stream_are_rows_of_a_pair_table() -> None:
    frame = pd.DataFrame(
        {
            "text": ["We agree.", "We refuse."],
            "target": "the plan",
            "speaker": ["Ann", pd.NA],
            "p_favor": "n.s.",
            "n": [7, 8],
        }
    )
    first, second = predict_stream(frame.to_dict("records"), MODEL)
    asked = [
        Pair(id="row-1", text="We agree.", target="the plan", speaker="Ann", extra={"n": 7}),
        Pair(id="row-2", text="We refuse.", target="the plan", extra={"n": 8}),
    ]
    assert [first, second] == [*predict_stream(asked, MODEL)]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            pd.DataFrame({"text": ["We agree."]}),
            r"row 1 should be a Pair.*is 'text'. A DataFrame goes to model.predict_frame",
        ),
        ([{"text": "We agree."}], "row 1: there is no column 'target'; there are: text"),
        (
            [{"text": "We agree.", "target": "the plan"}, {"text": "", "target": "the plan"}],
            "row 2, column 'text': is empty",
        ),
    ],
)
def test_what_is_no_pair_of_a_stream_is_refused_with_its_place_and_the_function_that_takes_it(
    rows: Any, said: str
) -> None:
    with pytest.raises(FormatError, match=said):
        list(predict_stream(rows, MODEL))


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


@pytest.mark.parametrize("row", [{"text": "abc", "target": "xyz"}, {"n": 7, "text": "We agree.", "target": "the plan"}])
def test_a_row_that_is_no_batch_is_refused_with_the_word_that_is_missing(row: dict[str, object]) -> None:
    with pytest.raises(FormatError, match=r"a single cell, not a list.*batched=True"):
        map_batch(MODEL)(row)


def test_a_batch_that_has_a_label_keeps_it() -> None:
    assert "predicted" in map_batch(MODEL)({"text": ["We agree."], "target": ["the plan"], "label": ["favor"]})


def test_a_column_of_the_batch_that_is_called_like_one_of_ours_is_kept_under_another_name() -> None:
    answered = map_batch(MODEL)({"text": ["We agree."], "target": ["the plan"], "model": ["iPhone"], "p_favor": [7]})
    assert (answered["original_model"], answered["original_p_favor"]) == (["iPhone"], [7])
    assert answered["model"] == ["by-words@1"]
    assert answered["p_favor"] != [7]
    named = map_batch(MODEL, {"text": "p_text", "target": "p_topic"})(
        {"p_text": ["We agree."], "p_topic": ["the plan"]}
    )
    assert named["label"] == [MODEL.predict_pairs([Pair(id="1", text="We agree.", target="the plan")])[0].label]


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


def command(monkeypatch: pytest.MonkeyPatch, *arguments: str, model: object = MODEL) -> str:
    import quotestance.models
    from quotestance.commands.predict import predict

    monkeypatch.setattr(quotestance.models, "load_stance_model", lambda *_, **__: model)
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


def test_a_single_row_is_one_pair_in_the_summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in.csv").write_text("text,target\nWe agree.,the plan\n", encoding="utf-8")
    shown = command(monkeypatch, str(tmp_path / "in.csv"), "--out", str(tmp_path / "out.csv"))
    assert "1 pair in = 1 out + 0 rejected" in shown


def test_what_the_model_had_to_cut_is_counted_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from quotestance.models.stance import StanceClassifier

    model = StanceClassifier.from_pretrained("stance-small", device="cpu", precision="fp32")
    long = "We agree with all of it. " * 120  # more than the 512 tokens that the encoder reads
    (tmp_path / "in.csv").write_text(f"text,target\n{long},the plan\nWe agree.,the plan\n", encoding="utf-8")
    for name, more in (("a.csv", []), ("b.csv", ["--abstain-below", "0.4"])):
        monkeypatch.setattr(model, "_cut", [])
        shown = command(monkeypatch, str(tmp_path / "in.csv"), "--out", str(tmp_path / name), *more, model=model)
        assert "1 question had a quote, target or speaker longer than the model reads" in shown


def test_a_table_of_a_header_alone_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in.csv").write_text("text,target\n", encoding="utf-8")
    with pytest.raises(RunError, match="not a single row"):
        command(monkeypatch, str(tmp_path / "in.csv"), "--out", str(tmp_path / "out.csv"))
    assert not list(tmp_path.glob("out*"))


def test_a_column_that_is_not_there_is_named_with_the_options_that_map_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in.csv").write_text("post,target\nWe agree.,the plan\n", encoding="utf-8")
    with pytest.raises(RunError, match=r"no column 'text'; there are: post, target\. .*--text COLUMN --target COLUMN"):
        command(monkeypatch, str(tmp_path / "in.csv"), "--out", str(tmp_path / "out.csv"))


def test_records_that_ask_nothing_are_told_as_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quote = {"id": "q", "spans": [{"start": 0, "end": 8, "text": "We agree"}]}
    record = {"format": "quotestance/1", "id": "a", "text": "We agree, he said.", "quotes": [quote]}
    asked = {**record, "targets": [{"id": "t", "name": "the plan"}, {"id": "u", "name": "the law"}]}
    for number, (one, told) in enumerate([(record, "0 questions answered. "), (asked, "2 questions answered")]):
        source, out = tmp_path / f"in{number}.jsonl", tmp_path / f"out{number}.jsonl"
        source.write_text(json.dumps(one) + "\n", encoding="utf-8")
        for more in ([], ["--resume"]):
            shown = command(monkeypatch, str(source), "--out", str(out), *more)
            assert told in shown
            assert ("quotestance analyze" in shown) == (one is record)


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
        "from quotestance.inference.readers import QUESTIONS, hold_pairs, pair_rows;"
        "from quotestance.inference.sources import Sources; sources = Sources(['-'], endings=QUESTIONS);"
        "assert hold_pairs(sources); print([row.pair.target for row in pair_rows(sources).items()])"
    )
    for table in ("text,target\nWe agree.,the plan\n", '{"text": "We agree.", "target": "the plan"}\n'):
        done = subprocess.run([sys.executable, "-c", code], input=table, capture_output=True, text=True, check=True)
        assert done.stdout == "['the plan']\n"


def test_an_id_that_looks_like_a_path_leads_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "below" / "out.jsonl"
    row = {"id": "../../elsewhere", "text": "We agree.", "target": "../the plan", "article_id": "/etc/x"}
    source.write_text(json.dumps(row) + "\n", encoding="utf-8")
    command(monkeypatch, str(source), "--out", str(out))
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == {
        "in.jsonl",
        "below/out.jsonl",
        "below/out.jsonl.run.json",
    }


def test_columns_of_the_table_that_are_called_as_ours_are_kept_by_another_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    own = {"model": "Ford", "p_favor": "n.s.", "predicted": "rain", "original_model": "T", "p_value": "low"}
    pd.DataFrame([{"text": "We agree.", "target": "the plan", **own}]).to_csv(source, index=False)
    command(monkeypatch, str(source), "--out", str(out))
    (row,) = pd.read_csv(out).to_dict("records")
    kept = {"original_original_model": "Ford", "original_p_favor": "n.s.", "original_predicted": "rain"}
    assert kept.items() | {"original_model": "T", "p_value": "low", "model": "by-words@1"}.items() <= row.items()
    assert row["label"] in MODEL.labels
    assert 0 < row["p_favor"] < 1


def test_a_folder_of_parquet_that_was_written_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in.csv").write_text("id,text,target\nx,We agree.,the plan\n", encoding="utf-8")
    command(monkeypatch, str(tmp_path / "in.csv"), "--out", str(tmp_path / "first"))
    command(monkeypatch, str(tmp_path / "first"), "--out", str(tmp_path / "again.csv"))
    (row,) = pd.read_csv(tmp_path / "again.csv").to_dict("records")
    assert row["label"] == row["predicted"]
