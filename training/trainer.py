"""Run a network through stages of training, with a checkpoint after each epoch."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from kairos.ml.judge_outputs import HEADS, MIRRORED, MIRRORED_RELATION
from training.batches import Batch, Encoded, batches
from training.families import MERGING
from training.network import JudgeNetwork
from training.score import figures

Epoch = Callable[[int], Iterable[Encoded]]
"""Gives the examples of an epoch by its number."""
IGNORED = -1
_WARM_UP = 0.06
"""Share of a stage in which the learning rate rises."""
_AVERAGE_DECAY = 0.998
_MERGING_RELATIONS = 3
_START = time.perf_counter()


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of training. It ends after `epochs` or `seconds`, whichever comes first; until then the learning rate
    decays from `rate` to zero, after a warm-up. Each epoch has a share `replay` of the inference pairs mixed in."""

    name: str
    epochs: int
    seconds: float
    rate: float
    replay: float = 0.0
    consistency: float = 0.5
    smoothing: float = 0.05


def has_matrix_unit() -> bool:
    """Whether this processor has fast bfloat16 matrix products (AMX or AVX-512 BF16)."""
    return any(
        getattr(torch.cpu, test, lambda: False)()
        for test in ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    )


def log(text: str) -> None:
    """Print a line with the time since the start."""
    print(f"[{time.perf_counter() - _START:6.1f} s] {text}", flush=True)


def split_heads(logits: Tensor) -> dict[str, Tensor]:
    """Return the logits of each head."""
    return dict(zip(HEADS, logits.split(tuple(HEADS.values()), dim=-1), strict=True))


def loss_of(logits: Tensor, batch: Batch, stage: Stage) -> Tensor:
    """Return the loss of a batch: weighted cross-entropy of each head, and a consistency term.

    The consistency term is the symmetric KL divergence between the relations of a pair and of its mirror image, without
    weights.
    """
    heads = split_heads(logits.float())
    total = logits.new_zeros((), dtype=torch.float32)
    for name, weight in (("relation", 1.0), ("inference", 0.5), ("newer", 0.3)):
        labels = getattr(batch, name)
        known = labels != IGNORED
        if bool(known.any()):
            losses = losses_of(heads[name][known], labels[known], stage.smoothing)
            total = total + weight * (losses * batch.weight[known]).sum() / batch.weight[known].sum()
    n = batch.paired
    if n and stage.consistency:
        one = functional.log_softmax(heads["relation"][:n], -1)
        other = functional.log_softmax(heads["relation"][n : 2 * n][:, MIRRORED_RELATION], -1)
        both = functional.kl_div(one, other, log_target=True, reduction="batchmean")
        both = both + functional.kl_div(other, one, log_target=True, reduction="batchmean")
        total = total + 0.5 * stage.consistency * both
    return total


def losses_of(logits: Tensor, labels: Tensor, smoothing: float) -> Tensor:
    """Return the smoothed cross-entropy of each row; the label `MERGING` means any of the first three relations."""
    chances = functional.log_softmax(logits, -1)
    either = labels == MERGING
    right = chances.gather(1, labels.masked_fill(either, 0)[:, None])[:, 0]
    right = torch.where(either, chances[:, :_MERGING_RELATIONS].logsumexp(-1), right)
    return -(1 - smoothing) * right - smoothing * chances.mean(-1)


def optimizer_of(network: JudgeNetwork, rate: float) -> torch.optim.AdamW:
    """Return the optimizer of what is to be learnt.

    No weight decay on biases and norms, and a higher rate for parameters that are new.
    """
    groups: dict[tuple[bool, bool], list[Tensor]] = {}
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        new = name.startswith(("mix", "head")) or "token_type" in name
        groups.setdefault((new, parameter.ndim < 2), []).append(parameter)
    return torch.optim.AdamW(
        [
            {"params": found, "lr": rate * (4 if new else 1), "weight_decay": 0.0 if flat else 0.01}
            for (new, flat), found in groups.items()
        ],
        betas=(0.9, 0.98),
        fused=next(network.parameters()).is_cuda,
    )


@dataclass(frozen=True, slots=True)
class TrainingSetup:
    """Where and how a network is trained, and what it is measured on. `tokens` bounds the padded tokens of a batch;
    `data` is a hash of the data and options that decide what is learnt."""

    held_out: list[Encoded]
    watched: dict[str, list[Encoded]]
    device: str
    tokens: int
    work: Path
    data: str

    def autocast(self) -> torch.autocast:
        """Return the context that multiplies matrices in bfloat16 where that is faster."""
        return torch.autocast(
            self.device, dtype=torch.bfloat16, enabled=self.device == "cuda" or has_matrix_unit()
        )

    def report(self, network: JudgeNetwork) -> None:
        """Print a network's figures on the held-out examples and on the watched files."""
        for what, examples in {"held out": self.held_out, **self.watched}.items():
            logits = logits_of(network, examples, self)
            log(f"{what}: {figures(logits, [one.labels for one in examples])}")


@dataclass
class _Progress:
    """How far a stage has come; kept in its checkpoint."""

    epoch: int = 0
    step: int = 0
    steps: int = 0
    spent: float = 0.0

    def share(self, stage: Stage) -> float:
        """Return the fraction of the stage that is done, 0…1."""
        by_steps = self.step / self.steps if self.steps else 0.0
        return min(1.0, max(by_steps, self.spent / stage.seconds))


class Trainer:
    """Runs stages on one network, with a checkpoint after each epoch. `average` is a moving average of the weights."""

    def __init__(self, network: JudgeNetwork, setup: TrainingSetup, seed: int) -> None:
        self.network = network.to(setup.device)
        self.average = copy.deepcopy(self.network).eval()
        self.setup = setup
        self.seed = seed

    def run(self, stage: Stage, epoch_of: Epoch) -> None:
        """Train through a stage, then load the averaged weights; `epoch_of` gives the examples of an epoch.

        Continues from the stage's checkpoint. Raises SystemExit if that was made with other data or options.
        """
        kept = self.setup.work / f"{stage.name}-{self.seed}.pt"
        optimizer = optimizer_of(self.network, stage.rate)
        peaks = [group["lr"] for group in optimizer.param_groups]
        progress = self._resumed(kept, optimizer)
        upcoming = epoch_of(progress.epoch) if progress.share(stage) < 1 else ()
        while progress.share(stage) < 1:
            examples = list(upcoming)
            upcoming = epoch_of(progress.epoch + 1)
            found = list(batches(examples, self.setup.tokens, seed=self.seed * 100 + progress.epoch))
            progress.steps = progress.steps or len(found) * stage.epochs
            total = self._epoch(found, optimizer, peaks, stage, progress)
            log(
                f"{stage.name} {self.seed} epoch {progress.epoch}: loss {total / max(len(found), 1):.4f}, "
                f"{len(examples)} examples, {progress.share(stage):.0%} done"
            )
            state = {
                "network": self.network.state_dict(),
                "average": self.average.state_dict(),
                "optimizer": optimizer.state_dict(),
                "progress": asdict(progress),
                "data": self.setup.data,
            }
            torch.save(state, kept.with_suffix(".tmp"))
            kept.with_suffix(".tmp").replace(kept)
        self.network.load_state_dict(self.average.state_dict())

    def _resumed(self, kept: Path, optimizer: torch.optim.AdamW) -> _Progress:
        self.average.load_state_dict(self.network.state_dict())
        if not kept.exists():
            return _Progress()
        state = torch.load(kept, map_location=self.setup.device, weights_only=True)
        if state["data"] != self.setup.data:
            raise SystemExit(f"{kept} was trained on other data or with other options: name another --work.")
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        return _Progress(**state["progress"])

    def _epoch(
        self,
        found: Sequence[Batch],
        optimizer: torch.optim.AdamW,
        peaks: Sequence[float],
        stage: Stage,
        progress: _Progress,
    ) -> float:
        total = torch.zeros((), device=self.setup.device)
        self.network.train()
        for batch in found:
            start = time.perf_counter()
            share = progress.share(stage)
            for group, peak in zip(optimizer.param_groups, peaks, strict=True):
                group["lr"] = peak * min(share / _WARM_UP + 0.01, (1 - share) / (1 - _WARM_UP), 1.0)
            total += self._step(optimizer, batch.to(self.setup.device), stage, progress.step)
            progress.step += 1
            progress.spent += time.perf_counter() - start
            if progress.share(stage) >= 1:
                break
        progress.epoch += 1
        return total.item()

    def _step(self, optimizer: torch.optim.AdamW, batch: Batch, stage: Stage, step: int) -> Tensor:
        with self.setup.autocast():
            logits = self.network(**batch.inputs)
        value = loss_of(logits, batch, stage)
        optimizer.zero_grad(set_to_none=True)
        value.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        optimizer.step()
        with torch.no_grad():
            averages, weights = list(self.average.parameters()), list(self.network.parameters())
            torch._foreach_lerp_(averages, weights, 1 - min(_AVERAGE_DECAY, (step + 1) / (step + 10)))
        return value.detach()


@torch.no_grad()
def logits_of(network: JudgeNetwork, examples: Sequence[Encoded], setup: TrainingSetup) -> np.ndarray:
    """Return the logits (examples, 11): the mean of each pair's logits and the mirrored ones of its mirror image."""
    network.eval()
    order = sorted(range(len(examples)), key=lambda at: examples[at].length)
    out = []
    for batch in batches([examples[at] for at in order], setup.tokens, seed=None):
        with setup.autocast():
            logits = network(**batch.to(setup.device).inputs).float()
        n = batch.paired
        out.append(((logits[:n] + logits[n : 2 * n][:, MIRRORED]) / 2).cpu().numpy())
    found = np.concatenate(out)
    result = np.empty_like(found)
    result[order] = found
    return result
