"""Our training beside others: the same pairs for all, each measured in a process of its own, one table."""

import json
from pathlib import Path

import pytest

from little_material import WORDS, table
from little_material import recipe as little_recipe
from quotestance.bench import peer_fits
from quotestance.bench.peers import PeerResult, _on_the_same, _run, peers_table, run_peers
from quotestance.training.recipe import RecipeError


def ids(path: Path) -> list[tuple[str, str]]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [(row["text"], row["group"]) for row in rows]


def test_peers_are_scored_on_pairs_that_none_of_them_was_trained_on(tmp_path: Path) -> None:
    (result,) = run_peers(little_recipe(tmp_path, epochs=2), tmp_path / "out", examples=8, peers=["tfidf-svm"])
    parts = {part: ids(tmp_path / "out" / "material" / f"{part}.jsonl") for part in ("train", "dev", "test")}
    assert [len(rows) for rows in parts.values()] == [8, 8, 8]
    assert parts["test"] == parts["dev"]
    assert not {group for _, group in parts["train"]} & {group for _, group in parts["test"]}
    assert 0 <= result.macro_f1 <= 1
    assert result.peak > 10


def test_ours_is_trained_once_as_the_others_are_without_further_seeds_trials_or_a_teacher(tmp_path: Path) -> None:
    many = little_recipe(
        tmp_path, seeds=[1, 2], search={"trials": 3, "epochs": [1, 2]}, teacher="stance-small", epochs=2
    )
    ours = _on_the_same(many, tmp_path)
    assert (ours.seeds, ours.search, ours.teacher, ours.epochs) == ((), None, (), 2)


def test_an_unknown_peer_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"Unknown peer 'bert'\. There are: tfidf-svm, setfit, trainer, ours"):
        run_peers(little_recipe(tmp_path, epochs=2), tmp_path / "out", peers=["bert"])


def test_the_table_shows_speed_as_a_multiple_of_the_stock_trainer() -> None:
    results = [
        PeerResult("trainer", 0.5, {"favor": 0.25}, minutes=2.0, rate=10.0, peak=1500),
        PeerResult("ours", 0.6, {"favor": 0.75}, minutes=0.5, rate=45.0, peak=900),
    ]
    assert "| ours | 0.600 | 0.750 | 0.5 | 45 | 4.5 | 900 |" in peers_table(results)
    assert "| ours | 0.600 | 0.750 | 0.5 | 45 | – | 900 |" in peers_table(results[1:])


def test_a_peer_that_answers_a_label_which_gold_has_not_is_scored_as_reports_score_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of six pairs one favor is called neutral: F1 0.8 of favor, 1 of against, 0 of neutral."""
    table(tmp_path / "test.jsonl", rows=6, labels=("favor", "against"))
    answers = ["neutral", "against", "favor", "against", "favor", "against"]
    monkeypatch.setitem(peer_fits.FITS, "parrot", lambda task: peer_fits.Learned(lambda asked: answers, 6, 1.0))
    result = _run("parrot", peer_fits.PeerTask(little_recipe(tmp_path), tmp_path, tmp_path))
    assert result.macro_f1 == pytest.approx((0.8 + 1 + 0) / 3)
    assert result.recall == {"favor": pytest.approx(2 / 3), "against": 1.0}


@pytest.mark.slow
def test_every_peer_trains_and_answers_on_the_same_material(tmp_path: Path) -> None:
    for package in ("setfit", "accelerate"):
        pytest.importorskip(package, reason="the peers are an extra: quotestance[stance-peers]")
    results = run_peers(little_recipe(tmp_path, epochs=2), tmp_path / "out")
    assert [result.name for result in results] == ["tfidf-svm", "setfit", "trainer", "ours"]
    for result in results:
        assert set(result.recall) == set(WORDS)
        assert result.rate > 0
        assert result.minutes > 0


def test_no_peer_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"No peer is named\. There are: tfidf-svm"):
        run_peers(little_recipe(tmp_path), tmp_path / "out", peers=[])


def test_a_share_that_leaves_peers_nothing_is_refused(tmp_path: Path) -> None:
    train = [{"material": str(table(tmp_path / "t.jsonl")), "share": 0.001}]
    with pytest.raises(RecipeError, match="Raise `share`"):
        run_peers(little_recipe(tmp_path, train=train), tmp_path / "out", peers=["tfidf-svm"])
