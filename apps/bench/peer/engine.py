"""The engine case's peer: the same BERT, batch, loss and optimizer in PyTorch, fp32, without dropout.

Reads one JSON request a line from stdin and answers each with one line. Between requests it waits in a read,
so that it takes no processor time from the program it is compared with.
  {"open": FILE.json}                       parameters (FILE.bin beside it), batch and sizes
  {"task": "train"|"forward", "attention": "sdpa"|"eager", "warm": n, "steps": n}  ->  {"ms": [...], "loss": x}
"""
import json
import math
import sys
import time

import numpy
import torch
import torch.nn.functional as F

from bert import encode, masked_loss, optimizer_of, scores

threads = int(sys.argv[1])
torch.set_num_threads(threads)


def open_model(path):
    """Parameters by Hugging Face name, the batch's tensors, and the sizes."""
    with open(path) as file:
        spec = json.load(file)
    values = numpy.fromfile(path.replace(".json", ".bin"), dtype=numpy.float32)
    parameters = {}
    start = 0
    for name, shape in spec["parameters"]:
        size = math.prod(shape)
        parameters[name] = torch.nn.Parameter(torch.tensor(values[start : start + size]).reshape(shape))
        start += size
    batch = {name: torch.tensor(each["data"]).reshape(each["shape"]) for name, each in spec["batch"].items()}
    return parameters, batch, spec["config"]


def loss_of(p, batch, config, attention):
    x = encode(p, batch, config, attention)
    ranked = scores(p, x[:, 0])
    half = len(ranked) // 2
    return masked_loss(p, x, batch, config) + F.relu(1 - ranked[:half] + ranked[half:]).mean()


def measure(parameters, batch, config, request):
    optimizer = optimizer_of(parameters) if request["task"] == "train" else None

    def train():
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(parameters, batch, config, request["attention"])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0)
        optimizer.step()
        return loss.item()

    def forward():
        with torch.inference_mode():
            return encode(parameters, batch, config, request["attention"])[0, 0, 0].item()

    step = train if request["task"] == "train" else forward
    before = {name: parameter.detach().clone() for name, parameter in parameters.items()}
    values = [step() for _ in range(request["warm"])]
    times = []
    for _ in range(request["steps"]):
        start = time.perf_counter()
        values.append(step())
        times.append((time.perf_counter() - start) * 1000)
    with torch.no_grad():  # every measurement starts from the same weights
        for name, parameter in parameters.items():
            parameter.copy_(before[name])
            parameter.grad = None
    return {"ms": times, "first": values[0]}


model = None
print(json.dumps({"peer": f"PyTorch {torch.__version__}", "threads": torch.get_num_threads()}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    if "open" in request:
        model = open_model(request["open"])
        answer = {"ok": True}
    else:
        answer = measure(*model, request)
    print(json.dumps(answer), flush=True)
