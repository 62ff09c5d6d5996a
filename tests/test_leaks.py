"""What stands in training and in gold is found: articles, texts, and texts that are nearly the same; with the texts or a fingerprint."""

import base64
import json
import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from quotestance.data.errors import FormatError
from quotestance.data.pairs import Pair
from quotestance.evaluate import leaks
from quotestance.evaluate.leaks import find_leaks, fingerprint, joined

Training = list[Pair] | Mapping[str, Any]


def as_pairs(pairs: list[Pair]) -> Training:
    return pairs


def as_fingerprint(pairs: list[Pair]) -> Training:
    stored: Mapping[str, Any] = json.loads(json.dumps(fingerprint(pairs)))
    return stored


both = pytest.mark.parametrize("given", [as_pairs, as_fingerprint])
Given = Callable[[list[Pair]], Training]


def words(seed: int, many: int) -> str:
    drawing = random.Random(seed)
    return " ".join(f"w{drawing.randrange(4000)}" for _ in range(many))


def pair(name: str, text: str, **more: Any) -> Pair:
    return Pair(id=name, text=text, target=more.pop("target", "tunnel"), label="favor", **more)


@both
def test_nothing_in_common_finds_nothing(given: Given) -> None:
    found = find_leaks([pair("h1", words(1, 80), group="a")], given([pair("t1", words(2, 80), group="b")]))
    assert not found
    assert found.found == ()
    assert found.message == "None of 1 held-out pairs was found in 1 training pairs."


def test_gold_is_checked_against_pairs_and_a_fingerprint_together() -> None:
    heldout = [pair(f"h{seed}", words(seed, 80), group=f"g{seed}", target=f"t{seed}") for seed in range(4)]
    seen = pair("t1", heldout[1].text, group="elsewhere", target="t1")
    of_the_model = fingerprint([pair("t2", heldout[2].text, group="elsewhere"), pair("t3", words(9, 80), target="t3")])
    found = find_leaks(heldout, [seen, of_the_model])
    assert found.affected == ("h1", "h2")
    assert {leak.heldout: leak.training for leak in found.found} == {"h1": "t1", "h2": None}
    assert (found.training_pairs, found.estimated, found.training_targets) == (3, True, {"t1", "t3"})


def test_what_a_fingerprint_estimates_is_told_with_the_name_that_the_pairs_give_it() -> None:
    text = words(5, 120)
    learned = [pair("t1", text + " " + words(6, 20), target="t1")]
    found = find_leaks([pair("h1", text)], [*learned, fingerprint(learned)])
    assert [(leak.kind, leak.training) for leak in found.found] == [("near-duplicate text", "t1")]


@both
def test_the_same_article_is_found_by_its_name(given: Given) -> None:
    found = find_leaks(
        [pair("h1", words(1, 80), group="a"), pair("h2", words(3, 80), group="c")],
        given([pair("t1", words(2, 80), group="a")]),
    )
    assert found.affected == ("h1",)
    assert [leak.kind for leak in found.found] == ["same group"]


@both
def test_articles_of_one_name_in_two_corpora_are_two_articles(given: Given) -> None:
    assert not find_leaks(
        [pair("h1", words(1, 80), group="1", corpus="x")], given([pair("t1", words(2, 80), group="1", corpus="y")])
    )


@both
def test_a_topic_that_is_known_is_a_condition_and_no_leak(given: Given) -> None:
    found = find_leaks([pair("h1", words(1, 80), group="Tunnel")], given([pair("t1", words(2, 80), group="tunnel")]))
    assert not found
    assert found.training_targets == {"tunnel"}


@both
def test_the_same_text_is_found_whatever_its_case_white_space_and_marks(given: Given) -> None:
    found = find_leaks(
        [pair("h1", "A  short\nCLAIM, made twice!"), pair("h2", "Another claim.")],
        given([pair("t1", "a short claim made twice")]),
    )
    assert found.affected == ("h1",)
    assert found.found[0].kind == "same text"


@both
def test_a_text_with_a_few_words_changed_is_found(given: Given) -> None:
    text = words(1, 200)
    changed = text.split()
    changed[50] = changed[150] = "other"
    found = find_leaks(
        [pair("h1", " ".join(changed)), pair("h2", words(5, 200))], given([pair("t0", words(6, 200)), pair("t1", text)])
    )
    assert found.affected == ("h1",)
    assert found.found[0].kind == "near-duplicate text"
    assert 0.7 < found.found[0].similarity <= 1


def test_similarity_with_the_texts_at_hand_is_the_jaccard_index_of_their_shingles() -> None:
    text, changed = words(1, 104), words(1, 104).split()
    changed[50] = "other"  # 5 of 100 shingles on either side
    found = find_leaks([pair("h1", " ".join(changed))], [pair("t1", text)])
    assert found.found[0].similarity == pytest.approx(95 / 100, abs=0.001)  # containment; the Jaccard index is 95 / 105


@both
def test_a_text_that_shares_one_sentence_is_not_taken_for_the_same(given: Given) -> None:
    shared = words(9, 15)
    assert not find_leaks([pair("h1", f"{words(1, 90)} {shared}")], given([pair("t1", f"{shared} {words(2, 90)}")]))


@both
def test_a_quote_is_found_in_another_article_and_a_commonplace_is_not(given: Given) -> None:
    long, short = words(3, 14), "I agree with that"

    def quoting(name: str, quote: str, seed: int) -> Pair:
        text = f"{words(seed, 60)} {quote} {words(seed + 1, 60)}"
        return pair(name, text, group=name, quote=((text.index(quote), text.index(quote) + len(quote)),))

    found = find_leaks(
        [quoting("h1", long, 10), quoting("h2", short, 20)], given([quoting("t1", long, 30), quoting("t2", short, 40)])
    )
    assert found.affected == ("h1",)
    assert found.found[0].kind == "same quote"


def test_names_of_training_are_given_with_its_texts_and_not_with_a_fingerprint() -> None:
    heldout, training = [pair("h1", words(1, 30))], [pair("t1", words(1, 30))]
    assert find_leaks(heldout, training).found[0].training == "t1"
    found = find_leaks(heldout, fingerprint(training))
    assert found.found[0].training is None
    assert found.estimated


def test_a_fingerprint_holds_no_word_of_the_texts() -> None:
    stored = json.dumps(fingerprint([pair("t1", "Xylophones forever and ever in the tunnel of love", group="gazette")]))
    assert "ylophone" not in stored
    assert "gazette" not in stored


def test_a_fingerprint_of_35000_pairs_stays_under_two_megabytes_and_finds_a_changed_text() -> None:
    texts = [words(seed, 40) for seed in range(35_000)]
    stored = fingerprint(
        [pair(f"t{at}", text, group=f"g{at % 3000}", target=f"target {at % 5000}") for at, text in enumerate(texts)]
    )
    assert len(json.dumps(stored)) < 2_000_000
    found = find_leaks(
        [pair(f"h{at}", f"{texts[at]} indeed") for at in range(0, 35_000, 350)] + [pair("new", words(99_999, 40))],
        stored,
    )
    assert len(found.affected) == 100
    assert "new" not in found.affected


def test_two_fingerprints_joined_find_what_stands_in_either_however_long_their_samples(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = fingerprint([pair("t1", words(1, 60), group="a"), pair("t2", words(2, 60))])
    monkeypatch.setattr(leaks, "SAMPLE_SIZES", (16,))
    second = fingerprint([pair("t3", words(3, 60), target="harbour")])
    third = fingerprint([pair("t4", words(4, 60))])
    assert first["sample_size"] != second["sample_size"]
    stored = json.loads(json.dumps(joined(joined(first, second), third)))
    heldout = [pair(f"h{seed}", f"{words(seed, 60)} indeed", target="harbour") for seed in range(1, 6)]
    found = find_leaks([*heldout, pair("h9", words(9, 60), group="a")], stored)
    assert found.affected == ("h1", "h2", "h3", "h4", "h9")
    assert found.training_pairs == 4
    assert found.training_targets == {"harbour", "tunnel"}


def bytes_of(stored: dict[str, Any], key: str) -> int:
    return len(base64.b64decode(stored[key]))


def test_a_text_of_both_fingerprints_is_kept_once_with_its_longer_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    long = fingerprint([pair("t1", words(1, 60)), pair("t2", words(2, 60))])
    monkeypatch.setattr(leaks, "SAMPLE_SIZES", (16,))
    short = fingerprint([pair("t1", words(1, 60)), pair("t3", words(3, 60))])
    empty = fingerprint([])
    third = fingerprint([pair("t3", words(3, 60))])
    for both in (joined(long, short), joined(short, long), joined(joined(long, short), empty)):
        for key in ("texts", "samples"):
            assert bytes_of(both, key) == bytes_of(long, key) + bytes_of(third, key)
        heldout = [pair(f"h{seed}", f"{words(seed, 60)} indeed") for seed in range(1, 5)]
        assert find_leaks(heldout, both).affected == ("h1", "h2", "h3")


def test_a_fingerprint_of_another_version_or_a_damaged_one_is_refused() -> None:
    stored = fingerprint([pair("t1", words(1, 30))])
    with pytest.raises(FormatError, match="quotestance-fingerprint/1"):
        find_leaks([pair("h1", "x")], {**stored, "format": "quotestance-fingerprint/0"})
    with pytest.raises(FormatError, match="damaged"):
        find_leaks([pair("h1", "x")], {**stored, "samples": "AAAA"})


def test_empty_material_is_no_leak() -> None:
    assert not find_leaks([pair("h1", "")], fingerprint([]))
    assert not find_leaks([], [pair("t1", "text")])


@pytest.mark.corpus
def test_known_leaks_of_corpora_are_found() -> None:
    import os
    from pathlib import Path

    from quotestance.data.corpora import load_pairs

    root = os.environ.get("QUOTESTANCE_CORPORA")
    if not root:
        pytest.skip("QUOTESTANCE_CORPORA is not set: this test needs your copies of dse and perspectrum")

    def dse(part: str) -> list[Pair]:  # the raw file: the adapter drops what repeats
        lines = (Path(root) / "dse" / f"{part}.txt").read_text(encoding="utf-8").splitlines()
        return [
            pair(f"{part}{at}", line.split("\t")[0].replace("[", " ").replace("]", " "))
            for at, line in enumerate(lines)
            if line.strip()
        ]

    assert len(find_leaks(dse("test"), dse("train")).affected) >= 400
    train, test = load_pairs("perspectrum/train", root), load_pairs("perspectrum/test", root)
    assert len(find_leaks(test, train).affected) > 0.2 * len(test)  # its card: a quarter
    assert find_leaks(test, fingerprint(train)).affected == find_leaks(test, train).affected
