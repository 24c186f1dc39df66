"""AdamW with clipping, some steps on small tensors: writes adam-w.json. Made with PyTorch 2.15.0 (CPU, float32).

python make.py
"""
import json
import os

import torch

torch.manual_seed(7)
SHAPES = {"a.weight": [5, 7], "a.bias": [5], "b.LayerNorm.weight": [33]}
OPTIONS = {"beta1": 0.9, "beta2": 0.98, "epsilon": 1e-6, "weightDecay": 0.05, "maxGradientNorm": 1.5}
LEARNING_RATES = [1e-3, 5e-3, 1e-2, 5e-3, 2e-3, 1e-3]

parameters = {name: torch.nn.Parameter(torch.randn(shape)) for name, shape in SHAPES.items()}
decayed = [parameters["a.weight"]]
kept = [parameters["a.bias"], parameters["b.LayerNorm.weight"]]
optimizer = torch.optim.AdamW(
    [{"params": decayed, "weight_decay": OPTIONS["weightDecay"]}, {"params": kept, "weight_decay": 0.0}],
    betas=(OPTIONS["beta1"], OPTIONS["beta2"]),
    eps=OPTIONS["epsilon"],
)


def values(tensors):
    return {name: tensor.detach().flatten().tolist() for name, tensor in tensors.items()}


fixture = {"torch": torch.__version__, "shapes": SHAPES, "options": OPTIONS, "start": values(parameters), "steps": []}
for i, rate in enumerate(LEARNING_RATES):
    scale = 3.0 if i % 2 == 0 else 0.05  # clipped and not clipped by turns
    gradients = {name: torch.randn(shape) * scale for name, shape in SHAPES.items()}
    for name, parameter in parameters.items():
        parameter.grad = gradients[name].clone()
    for group in optimizer.param_groups:
        group["lr"] = rate
    norm = torch.nn.utils.clip_grad_norm_(parameters.values(), OPTIONS["maxGradientNorm"])
    optimizer.step()
    fixture["steps"].append(
        {"learningRate": rate, "gradients": values(gradients), "norm": norm.item(), "weights": values(parameters)}
    )

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "adam-w.json"), "w") as file:
    json.dump(fixture, file)
    file.write("\n")
