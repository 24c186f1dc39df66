"""Makes updates.json with PyTorch 2.15 (CPU): steps of stochastic gradient descent on negative sampling's loss, by autograd.

word2vec's CBOW hands the gradient of the neighbours' mean to each of them whole, so the loss here is of their sum, scaled outside of the gradient.
"""
import json
from pathlib import Path

import torch

WORDS, DIMENSIONS, RATE = 5, 3, 0.3
STEPS = [  # rows of the neighbours; the true word, then the negatives
    ([1], [0, 2, 3]),
    ([1, 2, 4], [0, 3]),
    ([0, 0, 3], [1, 4, 2]),  # a neighbour that stands twice
    ([4], [4, 0]),
]


def main():
    torch.manual_seed(1)
    tables = [torch.randn(WORDS, DIMENSIONS) for _ in range(2)]
    start = [table.flatten().tolist() for table in tables]
    steps = []
    for neighbours, predicted in STEPS:
        source, output = (table.clone().requires_grad_() for table in tables)
        total = source[neighbours].sum(0)
        mean = total + (total / len(neighbours) - total).detach()  # the mean in value, the sum in gradient
        scores = output[predicted] @ mean
        signs = torch.tensor([1.0] + [-1.0] * (len(predicted) - 1))
        (-torch.nn.functional.logsigmoid(signs * scores)).sum().backward()
        tables = [(table - RATE * table.grad).detach() for table in (source, output)]
        steps.append({"neighbours": neighbours, "predicted": predicted, "input": tables[0].flatten().tolist(), "output": tables[1].flatten().tolist()})
    value = {"made with": {"torch": torch.__version__.split("+")[0]}, "dimensions": DIMENSIONS, "learningRate": RATE,
             "input": start[0], "output": start[1], "steps": steps}
    (Path(__file__).parent / "updates.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


main()
