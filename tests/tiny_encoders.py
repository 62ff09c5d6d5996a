"""Encoders of every kind that training knows, tiny and random, with a tokenizer made on the spot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

SIZE = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
SENTENCES = [
    "We welcome and support plan one.",
    "We reject and oppose plan two.",
    "They spoke about plan three on Monday. speaker quote target",
]


def tiny_encoder(kind: str, folder: Path, *, seed: int = 0) -> str:
    """A folder with a random encoder of that kind and a tokenizer of its family; returns its path."""
    import torch
    import transformers as hf

    family = "bert" if kind in ("bert", "electra", "distilbert", "mpnet") else "roberta"
    tokenizer = hf.PreTrainedTokenizerFast(**(_bert() if family == "bert" else _roberta(kind)))
    common = {"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id}
    configs: dict[str, Any] = {
        "bert": lambda: hf.BertConfig(**SIZE, **common, max_position_embeddings=64),
        "electra": lambda: hf.ElectraConfig(**SIZE, **common, embedding_size=8, max_position_embeddings=64),
        "distilbert": lambda: hf.DistilBertConfig(
            dim=16, n_layers=2, n_heads=2, hidden_dim=32, **common, max_position_embeddings=64
        ),
        "mpnet": lambda: hf.MPNetConfig(**SIZE, **common, max_position_embeddings=66),
        "roberta": lambda: hf.RobertaConfig(**SIZE, **common, max_position_embeddings=66, type_vocab_size=1),
        "xlm-roberta": lambda: hf.XLMRobertaConfig(**SIZE, **common, max_position_embeddings=66, type_vocab_size=1),
        "deberta-v2": lambda: hf.DebertaV2Config(
            **SIZE,
            **common,
            max_position_embeddings=64,
            type_vocab_size=0,
            relative_attention=True,
            position_buckets=8,
            pos_att_type=["p2c", "c2p"],
            position_biased_input=False,
            share_att_key=True,
            norm_rel_ebd="layer_norm",
        ),
        "modernbert": lambda: hf.ModernBertConfig(
            **SIZE,
            **common,
            max_position_embeddings=64,
            cls_token_id=tokenizer.cls_token_id,
            sep_token_id=tokenizer.sep_token_id,
            bos_token_id=tokenizer.cls_token_id,
            eos_token_id=tokenizer.sep_token_id,
        ),
    }
    torch.manual_seed(seed)
    hf.AutoModel.from_config(configs[kind]()).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


KINDS = ("bert", "electra", "distilbert", "mpnet", "roberta", "xlm-roberta", "deberta-v2", "modernbert")


def _bert() -> dict[str, Any]:
    """Word pieces in lower case, with segments: [CLS] a [SEP] b [SEP]."""
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    made.train_from_iterator(SENTENCES, trainers.WordPieceTrainer(vocab_size=120, special_tokens=special))
    ends = [("[CLS]", made.token_to_id("[CLS]")), ("[SEP]", made.token_to_id("[SEP]"))]
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ends
    )
    names = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
    return {"tokenizer_object": made, **{f"{name}_token": token for name, token in names.items()}}


def _roberta(kind: str) -> dict[str, Any]:
    """Bytes in pairs, as RoBERTa and ModernBERT have them, or pieces with ▁, as XLM-R and DeBERTa have them: <s> a </s></s> b </s>."""
    pieces = kind in ("xlm-roberta", "deberta-v2")
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    if pieces:
        made = Tokenizer(models.Unigram())
        made.pre_tokenizer = pre_tokenizers.Metaspace()
        made.decoder = decoders.Metaspace()
        trainer: Any = trainers.UnigramTrainer(vocab_size=120, special_tokens=special, unk_token="<unk>")
    else:
        made = Tokenizer(models.BPE())
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        made.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=400, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
        )
    made.train_from_iterator(SENTENCES, trainer)
    ends = [("<s>", made.token_to_id("<s>")), ("</s>", made.token_to_id("</s>"))]
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B:1 </s>:1", special_tokens=ends
    )
    names = {"pad": "<pad>", "unk": "<unk>", "cls": "<s>", "sep": "</s>", "mask": "<mask>"}
    return {"tokenizer_object": made, **{f"{name}_token": token for name, token in names.items()}}
