"""A classifier's logits with less work than its own forward: only the first token of the last layer is ever read.

A BERT classifier looks at one vector, that of the first token. So the last layer has to know keys and values of all
tokens, but query, attention output and feed-forward of the first alone: a tenth to a seventh of all work less for six
layers, and the same logits up to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

Inputs = Mapping[str, Tensor]


def logits_function(model: Any) -> Callable[[Inputs], Tensor]:
    """Padded inputs (`models.batching.padded`) into logits, shape (rows, labels): the shorter way for BERT, the model's own for others."""
    if type(model).__name__ != "BertForSequenceClassification" or model.config.is_decoder:
        return lambda inputs: model(**inputs).logits  # type: ignore[no-any-return]
    return lambda inputs: _bert_logits(model, inputs)


def _bert_logits(model: Any, inputs: Inputs) -> Tensor:
    bert, mask = model.bert, inputs["attention_mask"].bool()
    seen = None if bool(mask.all()) else mask[:, None, None, :]  # (rows, heads, queries, keys)
    hidden = bert.embeddings(input_ids=inputs["input_ids"], token_type_ids=inputs.get("token_type_ids"))
    for layer in bert.encoder.layer[:-1]:
        hidden = _layer(layer, hidden, hidden, seen)
    first = _layer(bert.encoder.layer[-1], hidden[:, :1], hidden, seen)
    logits: Tensor = model.classifier(model.dropout(bert.pooler(first)))
    return logits


def _layer(layer: Any, asking: Tensor, hidden: Tensor, seen: Tensor | None) -> Tensor:
    """One encoder layer for the tokens `asking` (rows, some, width), which look at all of `hidden` (rows, tokens, width)."""
    attention = layer.attention.self
    width = attention.attention_head_size

    def heads(tokens: Tensor) -> Tensor:
        return tokens.view(*tokens.shape[:2], -1, width).transpose(1, 2)

    query, key, value = attention.query(asking), attention.key(hidden), attention.value(hidden)
    mixed = scaled_dot_product_attention(heads(query), heads(key), heads(value), attn_mask=seen)
    attended = layer.attention.output(mixed.transpose(1, 2).reshape(asking.shape), asking)
    out: Tensor = layer.feed_forward_chunk(attended)
    return out
