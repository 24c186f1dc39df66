"""Makes interaction.json with PyTorch 2.15 (CPU): DRMM, K-NRM and Conv-KNRM as their formulas say, scores, gradients of the hinge, and 20 steps of Adam.

    python make-interaction.py
"""
import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
STEPS, RATE, EPSILON, MARGIN = 20, 0.02, 1e-5, 1.0
WORDS, H, KERNELS, SIGMA, EXACT = 12, 6, 11, 0.1, 0.001
BINS, HIDDEN, NGRAMS, FILTERS = 6, 3, 3, 5
# Rows of two groups, positive first; 0 is padding or a word that is not known.
QUERY = torch.tensor([[1, 2, 3, 0], [1, 2, 3, 0], [4, 0, 5, 6], [4, 0, 5, 6]])
DOCUMENT = torch.tensor([[1, 7, 2, 3, 8, 0, 0], [9, 10, 11, 12, 0, 0, 0], [4, 5, 6, 0, 5, 0, 0], [1, 2, 4, 7, 7, 12, 6]])
IDF = torch.rand(WORDS + 1, generator=torch.Generator().manual_seed(5)) * 4


def means():
    bin = 2 / (KERNELS - 1)
    return torch.tensor([1.0] + [1 - bin / 2 - i * bin for i in range(KERNELS - 1)])


def kernel_features(query, document, query_mask, document_mask):
    """Soft-TF of one kind of n-gram against another, [B, K]."""
    similar = F.normalize(query, dim=-1) @ F.normalize(document, dim=-1).transpose(1, 2)
    sigmas = torch.tensor([EXACT] + [SIGMA] * (KERNELS - 1))
    touched = torch.exp(-((similar[..., None] - means()) ** 2) / (2 * sigmas**2)) * document_mask[:, None, :, None]
    counts = touched.sum(2)  # [B, Q, K]
    return (torch.log(counts.clamp(min=1e-10)) * 0.01 * query_mask[..., None]).sum(1)


def embed(p, ids):
    mask = (ids > 0).float()
    return F.embedding(ids, p["embeddings.weight"]) * mask[..., None], mask


def knrm(p):
    (query, query_mask), (document, document_mask) = embed(p, QUERY), embed(p, DOCUMENT)
    features = kernel_features(query, document, query_mask, document_mask)
    return torch.tanh(F.linear(features, p["score.weight"], p["score.bias"])).squeeze(1)


def conv_knrm(p):
    def grams(ids):
        words, mask = embed(p, ids)
        out = []
        for n in range(1, NGRAMS + 1):
            weight = p[f"convolution.{n}.weight"].view(FILTERS, n, H).transpose(1, 2)  # PyTorch's order: [F, H, n]
            vectors = F.relu(F.conv1d(F.pad(words.transpose(1, 2), (0, n - 1)), weight, p[f"convolution.{n}.bias"])).transpose(1, 2)
            there = F.max_pool1d(F.pad(mask, (0, n - 1))[:, None], n, 1)[:, 0]
            out.append((vectors, there))
        return out

    features = [kernel_features(q, d, q_mask, d_mask) for q, q_mask in grams(QUERY) for d, d_mask in grams(DOCUMENT)]
    return F.linear(torch.cat(features, 1), p["score.weight"], p["score.bias"]).squeeze(1)


def histograms(table):
    similar = F.normalize(F.embedding(QUERY, table), dim=-1) @ F.normalize(F.embedding(DOCUMENT, table), dim=-1).transpose(1, 2)
    similar = similar * (QUERY > 0)[..., None] * (DOCUMENT > 0)[:, None]
    similar[(QUERY[..., None] == DOCUMENT[:, None]) & (QUERY > 0)[..., None]] = 1
    bins = torch.floor((similar + 1) / 2 * (BINS - 1) + 1e-9).long()
    return torch.log10(F.one_hot(bins, BINS).sum(2) + 1.0)  # padding of the document counts as a word with similarity 0


def drmm(p, table, gate):
    h = histograms(table) * (QUERY > 0)[..., None]
    gates = IDF[QUERY][..., None] if gate == "idf" else F.embedding(QUERY, table)
    z = torch.tanh(F.linear(torch.tanh(F.linear(h, p["hidden.weight"], p["hidden.bias"])), p["match.weight"], p["match.bias"])).squeeze(-1)
    logits = (gates * p["gate.weight"]).sum(-1).masked_fill(QUERY == 0, -math.inf)
    return (torch.softmax(logits, 1) * z).sum(1)


def hinge(scores):
    grouped = scores.view(-1, 2)
    return F.relu(MARGIN - grouped[:, 0] + grouped[:, 1]).mean()


def flat(tensors):
    return {name: {"shape": list(value.shape), "data": value.detach().flatten().tolist()} for name, value in tensors.items()}


def trace(start, scores_of):
    p = {name: value.clone().requires_grad_() for name, value in start.items()}
    scores = scores_of(p)
    loss = hinge(scores)
    loss.backward()
    out = {"parameters": flat(start), "scores": scores.tolist(), "loss": loss.item(), "gradients": flat({n: v.grad for n, v in p.items()})}
    adam = torch.optim.Adam(list(p.values()), lr=RATE, eps=EPSILON)
    losses = []
    for _ in range(STEPS):
        adam.zero_grad()
        loss = hinge(scores_of(p))
        loss.backward()
        adam.step()
        losses.append(loss.item())
    return {**out, "losses": losses, "trained": flat(p)}


def main():
    torch.manual_seed(3)
    draw = lambda *shape: torch.randn(*shape) * 0.5
    table = draw(WORDS + 1, H)
    table[0] = 0
    grams = {f"convolution.{n}.{part}": draw(FILTERS, n * H) if part == "weight" else draw(FILTERS) for n in range(1, NGRAMS + 1) for part in ("weight", "bias")}
    small = {"hidden.weight": draw(HIDDEN, BINS), "hidden.bias": draw(HIDDEN), "match.weight": draw(1, HIDDEN), "match.bias": draw(1)}
    value = {
        "made with": {"torch": torch.__version__.split("+")[0]},
        "steps": {"learningRate": RATE, "epsilon": EPSILON, "margin": MARGIN},
        "query": QUERY.tolist(), "document": DOCUMENT.tolist(), "idf": IDF.tolist(), "table": flat({"table": table})["table"],
        "bins": BINS, "hidden": HIDDEN, "ngrams": NGRAMS, "filters": FILTERS, "histograms": histograms(table).tolist(),
        "models": {
            "knrm": trace({"embeddings.weight": table, "score.weight": draw(1, KERNELS), "score.bias": draw(1)}, knrm),
            "conv-knrm": trace({"embeddings.weight": table, **grams, "score.weight": draw(1, NGRAMS**2 * KERNELS), "score.bias": draw(1)}, conv_knrm),
            "drmm": trace({**small, "gate.weight": draw(1, 1)}, lambda p: drmm(p, table, "idf")),
            "drmm by vectors": trace({**small, "gate.weight": draw(1, H)}, lambda p: drmm(p, table, "vector")),
        },
    }
    (Path(__file__).parent / "interaction.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")
    for name, model in value["models"].items():
        print(name, [round(score, 4) for score in model["scores"]], round(model["losses"][0], 4), round(model["losses"][-1], 4))


main()
