"""Makes the fixtures of this folder with PyTorch 2.15 and transformers 5.23 (CPU, one thread).

    python make.py          all of it
    python make.py losses   only losses.json

tiny-cross-encoder/ (a vocabulary and random numbers of our own), pairs.json, losses.json
"""
import json
import sys
from pathlib import Path

import torch
import transformers
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

HERE = Path(__file__).parent
VERSIONS = {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__}
MAX_TOKENS = 24
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

# Written for this test; the texts below have words that are not made of these.
WORDS = """the a of in is and to how what which why are water oil pump wing skin fuel cold hot moves cool ##s ##ed ##ing ##er thick ##en
lower upper tank pipe flow heat engine river bridge stone light glass sand wind sail boat . , ? !""".split()

PAIRS = [
    ["how is a wing cooled ?", "The skin of the wing is cooled by fuel flowing behind the skin."],
    ["which oils thicken", "Oil thickens in the cold."],
    ["", "stone bridges"],
    ["what moves water?", " "],  # "" would make transformers leave the second segment out
    ["the sailing boats", "zephyr, wind and sail. " * 20],
    ["pump", "A pump moves water from the lower tank to the upper tank!"],
]


def write(name, value):
    (HERE / name).write_text(json.dumps({"made with": VERSIONS, **value}, separators=(",", ":"), ensure_ascii=False) + "\n")


def model():
    folder = HERE / "tiny-cross-encoder"
    folder.mkdir(exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(SPECIAL + WORDS) + "\n")
    config = BertConfig(vocab_size=len(SPECIAL + WORDS), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
                        max_position_embeddings=MAX_TOKENS, num_labels=1)
    torch.manual_seed(0)
    ranker = BertForSequenceClassification(config).eval()
    with torch.no_grad():  # BERT starts biases at 0 and LayerNorm at 1; other values show mistakes that those hide
        for name, weight in ranker.named_parameters():
            weight.normal_(1.0 if name.endswith("LayerNorm.weight") else 0.0, 0.3 if weight.dim() == 2 else 0.1)
    ranker.save_pretrained(folder)
    return ranker, BertTokenizerFast(str(folder / "vocab.txt"))


def pairs(ranker, tokenizer):
    out = []
    with torch.no_grad():
        for query, document in PAIRS:
            inputs = tokenizer(query, document, truncation="only_second", max_length=MAX_TOKENS, return_tensors="pt")
            out.append({"query": query, "document": document, "inputIds": inputs["input_ids"][0].tolist(),
                        "tokenTypeIds": inputs["token_type_ids"][0].tolist(), "score": ranker(**inputs).logits.item()})
    write("pairs.json", {"maxTokens": MAX_TOKENS, "pairs": out})
    print([round(pair["score"], 4) for pair in out])


def losses():
    """Groups of one positive and three negatives, their losses and gradients by PyTorch's own functions."""
    scores = torch.tensor([[1.5, 0.2, -0.7, 3.0], [0.0, 0.0, 0.0, 0.0], [-2.0, 40.0, -60.0, 0.5]], requires_grad=True)
    positive, negatives = scores[:, :1], scores[:, 1:]
    labels = torch.zeros(len(scores), dtype=torch.long)
    pair = torch.softmax(torch.stack([positive.expand_as(negatives), negatives], -1), -1)
    bce = torch.nn.functional.binary_cross_entropy_with_logits
    values = {
        "groupSoftmax": torch.nn.functional.cross_entropy(scores, labels),
        "softmaxMargin": torch.nn.functional.margin_ranking_loss(pair[..., 0], pair[..., 1], torch.ones_like(negatives), margin=1.0),
        "rawHinge": torch.nn.functional.margin_ranking_loss(positive.expand_as(negatives), negatives, torch.ones_like(negatives), margin=1.0),
        "pointwise": (bce(positive, torch.ones_like(positive)) + bce(negatives, torch.zeros_like(negatives))) / 2,
    }
    labels_graded = torch.tensor([[1.0, 0.5, 0.0, 0.25], [0.5, 0.0, 0.25, 0.0], [1.0, 0.75, 0.25, 0.0]])
    graded = bce(scores, labels_graded, reduction="none")
    values |= {
        "rankNet": torch.nn.functional.soft_margin_loss(positive - negatives, torch.ones_like(negatives)),
        "listwise": values["groupSoftmax"],
        "pointwise graded": (graded[:, :1].mean() + graded[:, 1:].mean()) / 2,
        "listwise graded": torch.nn.functional.cross_entropy(scores, labels_graded / labels_graded.sum(1, keepdim=True)),
    }
    cases = {}
    for name, value in values.items():
        (gradient,) = torch.autograd.grad(value, scores, retain_graph=True)
        cases[name] = {"loss": value.item(), "gradient": gradient.flatten().tolist()}
    write("losses.json", {"scores": scores.detach().flatten().tolist(), "labels": labels_graded.flatten().tolist(), "groupSize": 4, "losses": cases})
    print({name: round(case["loss"], 4) for name, case in cases.items()})


if __name__ == "__main__":
    torch.set_num_threads(1)
    if "losses" not in sys.argv:
        pairs(*model())
    losses()
