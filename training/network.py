"""The judge model: a MiniLM encoder over a marked pair, with three linear heads."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoTokenizer, BertModel

from kairos.ml.judge_outputs import OUTPUTS
from kairos.ml.pair_encoding import TYPES

Weights = dict[str, Tensor]


class Dropout(nn.Module):
    """Dropout with a random byte for each element, so that `p` is rounded to 1/256.

    PyTorch draws each element's chance apart, on one core: a fifth of the time of a step on a CPU.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self._dropped = round(p * 256)

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` with some elements set to zero and the others enlarged to match, or `x` itself in evaluation."""
        if not self.training or not self._dropped:
            return x
        words = torch.empty(-(-x.numel() // 8), dtype=torch.int64, device=x.device).random_(-(2**63), None)
        drawn = words.view(torch.uint8)[: x.numel()].view(x.shape)
        return torch.where(drawn >= self._dropped, x * (256 / (256 - self._dropped)), 0.0)


class JudgeNetwork(nn.Module):
    """Maps a batch of encoded pairs to logits (batch, 11): five of the relation, three of the inference, three of the
    newer side."""

    def __init__(self, encoder: BertModel, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        size = encoder.config.hidden_size
        self.mix = nn.Linear(3 * size, size)
        self.drop = Dropout(dropout)
        self.head = nn.Linear(size, OUTPUTS)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """Return the logits; all three inputs are integers (batch, tokens)."""
        states = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        sides = [_mean(states, attention_mask * (token_type_ids % 2 == side)) for side in (0, 1)]
        pooled = torch.cat((states[:, 0], (sides[0] - sides[1]).abs(), sides[0] * sides[1]), dim=-1)
        return self.head(self.drop(torch.tanh(self.mix(self.drop(pooled)))))


def _mean(states: Tensor, mask: Tensor) -> Tensor:
    weights = mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(1) / weights.sum(1).clamp(min=1)


def new_network(directory: Path, dropout: float = 0.1) -> JudgeNetwork:
    """Return a new network whose encoder starts with the weights of the sentence model in `directory`."""
    config = AutoConfig.from_pretrained(
        directory, hidden_dropout_prob=dropout, attention_probs_dropout_prob=dropout
    )
    # On a CPU the backward pass of PyTorch's fused attention takes half of the time; eager attention avoids that.
    attention = "sdpa" if torch.cuda.is_available() else "eager"
    encoder = BertModel.from_pretrained(
        directory, config=config, add_pooling_layer=False, attn_implementation=attention
    )
    with torch.no_grad():
        known = encoder.embeddings.token_type_embeddings.weight.float()
        wide = nn.Embedding(TYPES, known.shape[1])
        # Sentence models never saw a second side, so all types start alike but for a little noise.
        wide.weight.copy_(
            known[torch.arange(TYPES) % known.shape[0]] + 0.02 * torch.randn(TYPES, known.shape[1])
        )
    encoder.embeddings.token_type_embeddings = wide
    encoder.embeddings.dropout = Dropout(dropout)
    for layer in encoder.encoder.layer:
        layer.attention.output.dropout, layer.output.dropout = Dropout(dropout), Dropout(dropout)
    encoder.config.type_vocab_size = TYPES
    return JudgeNetwork(encoder.float(), dropout)


def interpolated(before: Weights, after: Weights, share: float) -> Weights:
    """Return the weighted average of two states of one network: `share` of `after`, the rest of `before`."""
    return {name: torch.lerp(weight, after[name], share) for name, weight in before.items()}


@torch.no_grad()
def embedded(directory: Path, texts: list[str], device: str) -> Tensor:
    """Return the sentence model's unit vectors of texts: (texts, hidden size)."""
    tokenizer = AutoTokenizer.from_pretrained(directory)
    encoder = BertModel.from_pretrained(directory, add_pooling_layer=False).float().to(device).eval()
    found = []
    for start in range(0, len(texts), 256):
        batch = tokenizer(
            texts[start : start + 256], padding=True, truncation=True, max_length=128, return_tensors="pt"
        ).to(device)
        found.append(_mean(encoder(**batch).last_hidden_state, batch["attention_mask"]))
    return nn.functional.normalize(torch.cat(found), dim=-1)
