"""What the stance model sees: quote marked in its context, target and speaker, nothing of them cut."""

from pathlib import Path

import pytest
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from quotestance.data.pairs import Pair
from quotestance.models.inputs import Encoded, InputOptions, PairInputs, add_markers
from quotestance.models.stance import quiet_transformers
from quotestance.training.start import encoder_folder

TEXT = "The hall was full. “We will not,” he said. “Never ever.” Then they left the room."
QUOTE = ((TEXT.index("We"), TEXT.index(",”")), (TEXT.index("Never"), TEXT.index(".” Then")))


@pytest.fixture(scope="module")
def tokenizer():
    folder = Path(encoder_folder("minilm"))
    with quiet_transformers():
        model = AutoModelForSequenceClassification.from_pretrained(folder)
        tokenizer = AutoTokenizer.from_pretrained(folder)
        add_markers(tokenizer, model)
    return tokenizer


def read(tokenizer, encoded: Encoded) -> str:
    return " ".join(tokenizer.decode(encoded.ids).split())


def encode(tokenizer, pair: Pair, **options) -> Encoded:
    return PairInputs(tokenizer, InputOptions(**options)).encode([pair])[0]


def test_quote_is_marked_in_its_context_after_target_and_speaker(tokenizer) -> None:
    seen = read(tokenizer, encode(tokenizer, Pair(id="1", text=TEXT, target="talks", speaker="Bob", quote=QUOTE)))
    assert seen.startswith("[CLS] talks [SPEAKER] bob [SEP] the hall was full. “ [QUOTE] we will not [/QUOTE]")
    assert "[QUOTE] never ever [/QUOTE]" in seen
    assert seen.endswith("then they left the room. [SEP]")


def test_speaker_is_masked_when_asked(tokenizer) -> None:
    seen = read(
        tokenizer, encode(tokenizer, Pair(id="1", text=TEXT, target="talks", speaker="Bob", quote=QUOTE), speaker=False)
    )
    assert "bob" not in seen
    assert "[SPEAKER]" not in seen


def test_context_is_given_up_before_any_word_of_the_quote(tokenizer) -> None:
    long = "before " * 300 + "“" + "word " * 150 + "” " + "after " * 300
    start = long.index("word")
    encoded = encode(
        tokenizer, Pair(id="1", text=long, target="talks", quote=((start, start + 150 * 5 - 1),)), max_length=160
    )
    assert read(tokenizer, encoded).count("word") == 150
    assert not encoded.cut


def test_a_quote_longer_than_the_encoder_is_cut_and_says_so(tokenizer) -> None:
    encoded = encode(tokenizer, Pair(id="1", text="word " * 2000, target="talks"), limit=512)
    assert len(encoded) == 512
    assert encoded.cut


def test_context_is_as_wide_as_told_on_each_side(tokenizer) -> None:
    text = "b " * 100 + "quote " + "a " * 100
    start = text.index("quote")
    encoded = encode(tokenizer, Pair(id="1", text=text, target="t", quote=((start, start + 5),)), context=7)
    words = read(tokenizer, encoded).split()
    assert words.count("b") == words.count("a") == 7


def test_marker_letters_in_an_article_stay_text(tokenizer) -> None:
    inputs = PairInputs(tokenizer, InputOptions())
    encoded = inputs.encode([Pair(id="1", text="He wrote [QUOTE] and [SEP] there.", target="[SPEAKER]")])[0]
    markers = {inputs.marker[name] for name in inputs.marker}
    assert not markers & set(encoded.ids.tolist())
    assert encoded.ids.tolist().count(tokenizer.sep_token_id) == 2


def test_a_mentioned_target_is_marked(tokenizer) -> None:
    seen = read(tokenizer, encode(tokenizer, Pair(id="1", text="She blames him.", target="him", mention=(11, 14))))
    assert "she blames [TARGET] him [/TARGET]. [SEP]" in seen


SAID = "We trust Ann Lee, but the Port is a mistake, and Lee is not."


def test_the_place_that_names_the_target_is_marked_where_the_recipe_says_so(tokenizer) -> None:
    def seen(target: str, **options) -> str:
        whole = f"He said: {SAID} The port is here."
        start = whole.index("We")
        pair = Pair(id="1", text=whole, target=target, quote=((start, start + len(SAID)),), **options)
        return read(tokenizer, encode(tokenizer, pair, mark_target=True))

    assert "but the [TARGET] port [/TARGET] is a mistake" in seen("port")
    assert "[TARGET] mistake [/TARGET]" in seen("harbour", aliases=("mistake",))
    assert "[QUOTE] [TARGET] we [/TARGET] trust" in seen("we")
    assert "trust [TARGET] ann lee [/TARGET]" in seen("Ann Lee")
    assert "trust ann [TARGET] lee [/TARGET], but" in seen("Bea Lee", target_kind="person")
    assert "[TARGET]" not in seen("Bea Lee")
    assert "[TARGET]" not in seen("here")  # it stands outside the quote
    assert "[TARGET]" not in seen("mist")  # a piece of a word is no name
    assert "[TARGET] is not. [/TARGET] [/QUOTE]" in seen("x", aliases=("is not.",))
    assert "[TARGET]" not in read(tokenizer, encode(tokenizer, Pair(id="1", text=SAID, target="port")))


def test_segments_tell_target_from_text(tokenizer) -> None:
    encoded = encode(tokenizer, Pair(id="1", text="Yes.", target="talks"))
    assert encoded.segments.tolist() == [0, 0, 0, 1, 1, 1]


def test_texts_with_astral_and_persian_letters_keep_their_quote(tokenizer) -> None:
    text = "🙂🙂 گفت: «مذاکره نمی‌کنیم» و رفت"
    start, end = text.index("«") + 1, text.index("»")
    assert "[QUOTE]" in read(
        tokenizer, encode(tokenizer, Pair(id="1", text=text, target="مذاکره", quote=((start, end),)))
    )


def test_many_pairs_come_out_in_their_order(tokenizer) -> None:
    inputs = PairInputs(tokenizer, InputOptions())
    pairs = [Pair(id=str(n), text=f"Text number {n % 7}.", target=f"target {n}") for n in range(600)]
    together = inputs.encode(pairs)
    for number in (0, 299, 599):
        assert together[number].ids.tolist() == inputs.encode([pairs[number]])[0].ids.tolist()
