"""Floors: a fall beyond the margin is reported, another gold is never compared, and nothing is lowered silently."""

from __future__ import annotations

import dataclasses
import json

import pytest
import typer
from typer.testing import CliRunner

from quotestance.commands.floors import floors as floors_command
from quotestance.commands.named_material import NamedModel
from quotestance.data.labels import CODEBOOK
from quotestance.data.records import Stance
from quotestance.evaluate.floors import (
    Fall,
    FloorError,
    Floors,
    Measured,
    check_floors,
    report_scores,
    unpinned,
    update_floors,
)

PIN = Measured("small", "w1", "gold/dev.jsonl", "g1", 120, {"macro_f1": 0.70, "favor.f1": 0.80})
FLOORS = Floors((PIN,), margin=0.01)


def now(**scores: float) -> Measured:
    return dataclasses.replace(
        PIN, weights="w2", scores={name.replace("__", "."): value for name, value in scores.items()}
    )


def test_scores_at_the_floor_and_within_the_margin_pass_even_with_new_weights():
    assert check_floors([now(macro_f1=0.70, favor__f1=0.791)], FLOORS) == []


def test_a_score_below_the_margin_is_a_fall_with_both_numbers():
    falls = check_floors([now(macro_f1=0.75, favor__f1=0.78)], FLOORS)
    assert falls == [Fall("small", "gold/dev.jsonl", "favor.f1", 0.80, 0.78)]
    assert str(falls[0]) == "small on gold/dev.jsonl: favor.f1 was 0.8000, is 0.7800 (-0.0200)"


def test_a_better_mean_does_not_hide_a_fallen_label():
    assert [fall.score for fall in check_floors([now(macro_f1=0.9, favor__f1=0.5)], FLOORS)] == ["favor.f1"]


def test_a_pinned_model_that_was_not_measured_falls_with_all_its_scores():
    falls = check_floors([], FLOORS)
    assert [(fall.score, fall.measured) for fall in falls] == [("macro_f1", None), ("favor.f1", None)]
    assert "not measured" in str(falls[0])


def test_a_pinned_score_that_is_missing_falls():
    assert [fall.score for fall in check_floors([now(macro_f1=0.9)], FLOORS)] == ["favor.f1"]


def test_scores_on_a_changed_gold_fall_however_high_they_are():
    other = dataclasses.replace(now(macro_f1=0.99, favor__f1=0.99), gold_digest="g2")
    falls = check_floors([other], FLOORS)
    assert len(falls) == 2
    assert "the gold has changed" in str(falls[0])


def test_what_has_no_floor_is_listed_and_is_no_fall():
    other = dataclasses.replace(now(macro_f1=0.1), model="new")
    both = [now(macro_f1=0.7, favor__f1=0.8), other]
    assert unpinned(both, FLOORS) == [other]
    assert check_floors(both, FLOORS) == []


def test_an_update_raises_what_rose_and_keeps_what_fell_within_the_margin():
    updated, falls = update_floors(FLOORS, [now(macro_f1=0.74126, favor__f1=0.795)])
    assert updated.pinned[0].scores == {"macro_f1": 0.7412, "favor.f1": 0.80}
    assert updated.pinned[0].weights == "w2"
    assert falls == []


def test_small_falls_do_not_add_up():
    floors = FLOORS
    for score in (0.692, 0.691):
        floors, _ = update_floors(floors, [now(macro_f1=score, favor__f1=0.8)])
    assert [fall.score for fall in check_floors([now(macro_f1=0.685, favor__f1=0.8)], floors)] == ["macro_f1"]


def test_an_update_refuses_to_lower_a_floor_and_names_it():
    with pytest.raises(FloorError, match=r"(?s)--lower.*favor\.f1 was 0\.8000, is 0\.6000"):
        update_floors(FLOORS, [now(macro_f1=0.7, favor__f1=0.6)])


def test_lowering_with_the_flag_lowers_only_what_fell_and_returns_it():
    updated, falls = update_floors(FLOORS, [now(macro_f1=0.695, favor__f1=0.6)], allow_lower=True)
    assert updated.pinned[0].scores == {"macro_f1": 0.70, "favor.f1": 0.6}
    assert [fall.score for fall in falls] == ["favor.f1"]


def test_another_gold_replaces_floors_only_with_the_flag():
    other = dataclasses.replace(now(macro_f1=0.5, favor__f1=0.9), gold_digest="g2")
    with pytest.raises(FloorError, match="gold has changed"):
        update_floors(FLOORS, [other])
    updated, falls = update_floors(FLOORS, [other], allow_lower=True)
    assert updated.pinned[0].scores == {"macro_f1": 0.5, "favor.f1": 0.9}
    assert updated.pinned[0].gold_digest == "g2"
    assert len(falls) == 2


def test_floors_of_what_was_not_measured_stay():
    other = dataclasses.replace(now(macro_f1=0.4), model="another")
    updated, _ = update_floors(FLOORS, [other])
    assert {one.model for one in updated.pinned} == {"small", "another"}
    assert PIN in updated.pinned


def test_floors_come_back_from_their_file(tmp_path):
    FLOORS.write(tmp_path / "floors.json")
    assert Floors.read(tmp_path / "floors.json") == FLOORS
    assert json.loads((tmp_path / "floors.json").read_text())["margin"] == 0.01


@pytest.mark.parametrize("text", ["{", "{}", '{"margin": 0.1, "floors": [{"model": "x"}]}'])
def test_a_file_that_holds_no_floors_is_refused_with_the_command_that_makes_one(tmp_path, text):
    (tmp_path / "floors.json").write_text(text)
    with pytest.raises(FloorError, match="floors --update"):
        Floors.read(tmp_path / "floors.json")


def test_an_absent_file_is_refused_with_the_command_that_makes_one(tmp_path):
    with pytest.raises(FloorError, match="floors --update"):
        Floors.read(tmp_path / "none.json")


def test_the_scores_of_a_report_are_taken_by_name_and_undefined_ones_left_out():
    report = {
        "n": 4,
        "macro_f1": {"value": 0.5, "interval": [0.4, 0.6]},
        "accuracy": {"value": 0.6, "interval": None},
        "semeval_favg": {"value": None},
        "per_label": {
            "favor": {"n": 2, "f1": {"value": 0.7, "interval": [0, 1]}, "recall": {"value": 0.9}},
            "neutral": {"n": 0, "f1": None},
        },
    }
    assert report_scores(report) == {"macro_f1": 0.5, "accuracy": 0.6, "favor.f1": 0.7, "favor.recall": 0.9}


class Parrot:
    """A model that knows the answers, but for the pairs it is told to get wrong."""

    name, revision, labels = "parrot", "w1", CODEBOOK

    def __init__(self, wrong: int) -> None:
        self.wrong = wrong

    def predict_pairs(self, pairs):
        answers = ["favor" if number < self.wrong else pair.extra["answer"] for number, pair in enumerate(pairs)]
        return [Stance(target=pair.target, label=label) for pair, label in zip(pairs, answers, strict=True)]


@pytest.fixture
def command(tmp_path, monkeypatch):
    """The command on a gold of 30 pairs, with a parrot that gets so many wrong."""
    labels = ("neutral", "against", "favor") * 10
    rows = [
        {"id": str(n), "text": f"text {n}", "target": "t", "label": label, "group": str(n // 3), "answer": label}
        for n, label in enumerate(labels)
    ]
    (tmp_path / "gold.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    app = typer.Typer()
    app.command()(floors_command)

    def run(wrong: int, *options: str):
        monkeypatch.setattr(
            "quotestance.commands.named_material.named_model", lambda name: NamedModel("parrot", Parrot(wrong), None)
        )
        arguments = [
            "--models",
            "parrot",
            "--gold",
            str(tmp_path / "gold.jsonl"),
            "--file",
            str(tmp_path / "floors.json"),
        ]
        return CliRunner().invoke(app, [*arguments, *options])

    return run


def test_the_command_pins_passes_fails_and_lowers_with_the_flag_alone(command, tmp_path):
    assert command(3, "--update").exit_code == 0
    pinned = Floors.read(tmp_path / "floors.json").pinned[0].scores
    assert pinned["neutral.recall"] == 0.9  # of the first three pairs one is neutral, one against, one favor
    assert command(3).exit_code == 0
    fallen = command(9)
    assert fallen.exit_code == 1
    assert "parrot on" in fallen.output
    assert isinstance(command(9, "--update").exception, FloorError)
    lowered = command(9, "--update", "--lower")
    assert lowered.exit_code == 0
    assert "lowered: parrot on" in lowered.output
    assert command(9).exit_code == 0


def test_lower_without_update_is_refused(command):
    assert "Give both" in str(command(0, "--lower").exception)
