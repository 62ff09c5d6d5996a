"""Adapters read the formats in which corpora are distributed; here on small files in the same format."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from quotestance.data import corpora
from quotestance.data.errors import CorpusError
from quotestance.data.records import Article, Quote, Stance, Target

ARTICLE = 'Mayor speaks\n\n"We open the park," said Mayor Lee, who added that it\nis safe. "Come on Sunday."\n'


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode())


def place(words: str) -> str:
    start = ARTICLE.index(words)
    return f"{start} {start + len(words)}"


@pytest.fixture
def polnear(tmp_path: Path) -> Path:
    folder = tmp_path / "polnear" / "data" / "dev"
    write(folder / "text" / "paper_2016-01-02_park.txt", ARTICLE)
    write(
        folder / "attributions" / "paper_2016-01-02_park_ab12.ann",
        "\n".join(
            [
                f"T1\tContent {place(chr(34) + 'We open the park,' + chr(34))};{place(chr(34) + 'Come on Sunday.' + chr(34))}\t…",
                f"T2\tCue {place('said')}\tsaid",
                f"T3\tSource {place('Mayor Lee')}\tMayor Lee",
                "E1\tAttribution:T9 Content:T1 Cue:T2 Source:T3",
                f"T4\tContent {place('that it')};{place('is safe')}\tthat it is safe",
                f"T5\tCue {place('added')}\tadded",
                "E2\tAttribution:T9 Content:T4 Cue:T5",
                "#1\tAnnotatorNotes T4\tis this one?",
                "a line that a mark's text ran over",
            ]
        ),
    )
    return tmp_path


def test_polnear_quotes_stand_without_marks_and_that(polnear: Path) -> None:
    [article] = corpora.load_articles("polnear/dev", polnear)
    first, second = article.quotes
    assert [span.text for span in first.spans] == ["We open the park,", "Come on Sunday."]
    assert (first.kind, first.speaker.name, first.cue.text) == ("direct", "Mayor Lee", "said")
    assert second.text == "it\nis safe"
    assert (second.kind, second.speaker.known) == ("indirect", False)


def test_labels_join_the_text_when_the_hash_is_right(polnear: Path) -> None:
    labels = Article(
        id="polnear/park",
        text=None,
        text_sha256=hashlib.sha256(ARTICLE.encode()).hexdigest(),
        text_ref={"corpus": "polnear", "split": "dev", "article": "paper_2016-01-02_park", "annotator": "ab12"},
        targets=(Target(id="t", name="the park"),),
        quotes=(Quote(id="E1", stances=(Stance(target="t", label="favor", annotator="gold"),)),),
    )
    joined = corpora.join_text(labels, polnear)
    assert joined.quotes[0].text == "We open the park, … Come on Sunday."
    with pytest.raises(CorpusError, match="SHA-256"):
        corpora.join_text(labels.replace(text_sha256="0" * 64), polnear)
    with pytest.raises(CorpusError, match="no quote E7"):
        corpora.join_text(labels.replace(quotes=(Quote(id="E7"),)), polnear)


def test_vast_synthetic_neutrals_take_the_swapped_topic(tmp_path: Path) -> None:
    write(
        tmp_path / "vast" / "vast_train.csv",
        "post,new_topic,topic_str,label,type_idx,seen?\n"
        "Parks are good.,Public Parks,public park,1,1,1\nParks are good.,Public Parks,nuclear power,2,4,1\n",
    )
    first, second = corpora.load_pairs("vast/train", tmp_path)
    assert (first.target, first.label) == ("Public Parks", "favor")
    assert (second.target, second.label) == ("nuclear power", "neutral")


def test_newsmtsc_marks_the_mention(tmp_path: Path) -> None:
    row = {
        "primary_gid": "news_1_2_Lee_0_3",
        "sentence_normalized": "Lee failed Kim.",
        "targets": [
            {"from": 0, "to": 3, "mention": "Lee", "polarity": 2.0},
            {"from": 11, "to": 14, "mention": "Kim", "polarity": 4.0},
        ],
    }
    write(tmp_path / "newsmtsc" / "rw_dev.jsonl", json.dumps(row) + "\n")
    first, second = corpora.load_pairs("newsmtsc/dev_rw", tmp_path)
    assert [(p.text[slice(*p.mention)], p.label) for p in (first, second)] == [("Lee", "against"), ("Kim", "neutral")]
    assert first.group == second.group


def test_dse_turns_direction_into_speaker_and_target_and_drops_test_sentences_from_train(tmp_path: Path) -> None:
    write(tmp_path / "dse" / "test.txt", "[Ann] met [Bob].\tAnn\tBob\t0\n")
    write(tmp_path / "dse" / "train.txt", "[Ann] met [Bob].\tAnn\tBob\t0\n[Ann] was blamed by [Bob].\tAnn\tBob\t4\n")
    [pair] = corpora.load_pairs("dse/train", tmp_path)
    assert (pair.text, pair.speaker, pair.target, pair.label) == ("Ann was blamed by Bob.", "Bob", "Ann", "against")
    assert pair.text[slice(*pair.mention)] == "Ann"


def test_claims_are_for_or_against_their_motion(tmp_path: Path) -> None:
    header = (
        '"topicId,""split"",""topicText"",""claims.claimId"",""claims.stance"",""claims.claimCorrectedText""";;;;\n'
    )
    write(
        tmp_path / "ibm-claim-stance" / "claim_stance_dataset_v1.csv",
        header
        + '"1,""test"",""This house believes that parks should close"",""7"",""CON"",""Parks, they say, heal""";;;;\n',
    )
    [claim] = corpora.load_pairs("ibm_claims/test", tmp_path)
    assert (claim.target, claim.text, claim.label) == ("parks should close", "Parks, they say, heal", "against")
    write(tmp_path / "iam" / "dev.txt", "C\tShould we close parks\tParks heal.\t1_1\t-1\n")
    assert corpora.load_pairs("iam/dev", tmp_path)[0].label == "against"
    write(
        tmp_path / "ibm30k" / "raw_val_all_onecol.csv",
        "Tweet,Target 1,Stance 1,set\nparks heal,We should close parks,AGAINST,dev\n",
    )
    assert corpora.load_pairs("ibm30k/dev", tmp_path)[0].target == "We should close parks"
    write(tmp_path / "perspectrum" / "dataset_split_v1.0.json", '{"4": "dev"}')
    write(tmp_path / "perspectrum" / "perspective_pool_v1.0.json", '[{"pId": 9, "text": "parks heal"}]')
    write(
        tmp_path / "perspectrum" / "perspectrum_with_answers_v1.0.json",
        '[{"cId": 4, "text": "Close parks", "perspectives": [{"pids": [9], "stance_label_3": "UNDERMINE"}]}]',
    )
    assert [(p.text, p.target, p.label) for p in corpora.load_pairs("perspectrum/dev", tmp_path)] == [
        ("parks heal", "Close parks", "against")
    ]


def test_unknown_and_absent_corpora_say_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QUOTESTANCE_CORPORA", raising=False)
    with pytest.raises(CorpusError, match="There are: polnear, vast"):
        corpora.load("reddit/train", tmp_path)
    with pytest.raises(CorpusError, match="vast/train, vast/dev, vast/test"):
        corpora.load("vast/trial", tmp_path)
    with pytest.raises(CorpusError, match=r"vast_test\.csv is missing"):
        corpora.load("vast/test", tmp_path)
    with pytest.raises(CorpusError, match="--corpora DIR"):
        corpora.load("vast/test")


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("vast/train", 13_477),
        ("vast/dev", 2_062),
        ("vast/test", 3_006),
        ("newsmtsc/train", 8_739),
        ("newsmtsc/test_rw", 803),
        ("newsmtsc/test_mt", 1_034),
        ("dse/test", 1_623),
        ("ibm30k/train", 20_974),
        ("ibm_claims/test", 1_355),
        ("perspectrum/test", 2_773),
        ("iam/test", 527),
        ("polnear/train", 840),
        ("polnear/dev", 84),
        ("polnear/test", 84),
    ],
)
def test_the_whole_corpus_is_read(name: str, rows: int) -> None:
    if not os.environ.get("QUOTESTANCE_CORPORA"):
        pytest.skip("QUOTESTANCE_CORPORA is not set: no corpora at hand")
    assert len(corpora.load(name)) == rows
