"""The prop case's peer: PROP's training step in PyTorch, fp32, every row padded to 512 tokens as in its code, dropout on.

Kinder than that code in three things: the rows are made already, only masked positions are decoded, and of two ways to attend the faster is taken.
argv[1]: threads. Reads one JSON request a line from stdin and answers each with one line; between requests it waits in a read.
  {"open": FILE.json: a model folder, its config, and pairs of rows}            ->  {"attention": the faster way}
  {"loss": n}: of the first n pairs, without dropout                            ->  {"rop", "mlm"}
  {"train": pairs in a step, "learningRate", "seed"}: one pass over the pairs   ->  {"seconds": s}
"""
import json
import random
import sys
import time

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from bert import encode, masked_loss, optimizer_of, scores

LENGTH = 512
torch.set_num_threads(int(sys.argv[1]))


def padded(rows, fill=0, width=LENGTH):
    return torch.tensor([row + [fill] * (width - len(row)) for row in rows])


def batch_of(pairs, config):
    rows = [row for pair in pairs for row in pair]  # neighbours, the preferred first
    most = max(len(row["positions"]) for row in rows)
    return {
        "inputIds": padded([row["inputIds"] for row in rows], config["padId"]),
        "attentionMask": padded([[1] * len(row["inputIds"]) for row in rows]),
        "tokenTypeIds": padded([row["tokenTypes"] for row in rows]),
        "maskedPositions": padded([row["positions"] for row in rows], width=most),
        "maskedLabels": padded([row["labels"] for row in rows], width=most),
        "maskedWeights": padded([[1.0] * len(row["positions"]) for row in rows], 0.0, most),
    }


def losses_of(p, batch, config, attention, dropout):
    x = encode(p, batch, config, attention, dropout)
    pooled = torch.tanh(F.linear(x[:, 0], p["bert.pooler.dense.weight"], p["bert.pooler.dense.bias"]))
    ranked = scores(p, F.dropout(pooled, dropout)).reshape(-1, 2)
    share = torch.softmax(ranked, 1)
    return F.relu(1 - share[:, 0] + share[:, 1]).mean(), masked_loss(p, x, batch, config)


class Training:
    def __init__(self, path):
        with open(path) as file:
            given = json.load(file)
        self.config, self.pairs, self.folder = given["config"], given["pairs"], given["folder"]
        self.attention = min(("sdpa", "eager"), key=self.warm)

    def begin(self):
        self.p = {name: torch.nn.Parameter(value) for name, value in load_file(self.folder + "/model.safetensors").items()}
        self.optimizer = optimizer_of(self.p)

    def step(self, pairs, attention):
        self.optimizer.zero_grad(set_to_none=True)
        sum(losses_of(self.p, batch_of(pairs, self.config), self.config, attention, self.config["dropout"])).backward()
        torch.nn.utils.clip_grad_norm_(self.p.values(), 1.0)
        self.optimizer.step()

    def warm(self, attention):
        self.begin()
        self.step(self.pairs[:8], attention)
        start = time.perf_counter()
        self.step(self.pairs[:8], attention)
        return time.perf_counter() - start

    def loss(self, count):
        self.begin()
        with torch.no_grad():
            rop, mlm = losses_of(self.p, batch_of(self.pairs[:count], self.config), self.config, self.attention, 0.0)
        return {"rop": rop.item(), "mlm": mlm.item()}

    def train(self, size, learning_rate, seed):
        self.begin()
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        pairs = self.pairs[:]
        random.Random(seed).shuffle(pairs)
        start = time.perf_counter()
        for first in range(0, len(pairs), size):
            self.step(pairs[first : first + size], self.attention)
        return {"seconds": time.perf_counter() - start}


training = None
print(json.dumps({"peer": f"PyTorch {torch.__version__}"}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    if "open" in request:
        training = Training(request["open"])
        answer = {"attention": training.attention}
    elif "loss" in request:
        answer = training.loss(request["loss"])
    else:
        answer = training.train(request["train"], request["learningRate"], request["seed"])
    print(json.dumps(answer), flush=True)
