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


def encode(p, batch, config, attention):
    ids = batch["inputIds"]
    texts, length = ids.shape
    heads = config["heads"]
    bias = (1.0 - batch["attentionMask"].float()).reshape(texts, 1, 1, length) * -1e4

    def linear(name, x):
        return F.linear(x, p[name + ".weight"], p[name + ".bias"])

    def norm(name, x):
        return F.layer_norm(x, x.shape[-1:], p[name + ".weight"], p[name + ".bias"], config["layerNormEpsilon"])

    def split(x):
        return x.view(texts, length, heads, -1).transpose(1, 2)

    e = "bert.embeddings."
    x = F.embedding(ids, p[e + "word_embeddings.weight"]) + p[e + "position_embeddings.weight"][:length]
    x = norm(e + "LayerNorm", x + p[e + "token_type_embeddings.weight"][0])
    for i in range(config["layers"]):
        layer = f"bert.encoder.layer.{i}."
        q, k, v = (split(linear(layer + "attention.self." + name, x)) for name in ("query", "key", "value"))
        if attention == "sdpa":
            mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        else:
            weights = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + bias, -1)
            mixed = weights @ v
        mixed = mixed.transpose(1, 2).reshape(texts, length, -1)
        x = norm(layer + "attention.output.LayerNorm", x + linear(layer + "attention.output.dense", mixed))
        inner = F.gelu(linear(layer + "intermediate.dense", x))
        x = norm(layer + "output.LayerNorm", x + linear(layer + "output.dense", inner))
    return x


def loss_of(p, batch, config, attention):
    x = encode(p, batch, config, attention)
    texts, length, width = x.shape
    places = batch["maskedPositions"] + torch.arange(0, texts * length, length).reshape(-1, 1)
    head = "cls.predictions."
    h = F.linear(
        x.reshape(-1, width)[places.reshape(-1)], p[head + "transform.dense.weight"], p[head + "transform.dense.bias"]
    )
    h = F.layer_norm(
        F.gelu(h),
        (width,),
        p[head + "transform.LayerNorm.weight"],
        p[head + "transform.LayerNorm.bias"],
        config["layerNormEpsilon"],
    )
    logits = F.linear(h, p["bert.embeddings.word_embeddings.weight"], p[head + "bias"])
    losses = F.cross_entropy(logits, batch["maskedLabels"].reshape(-1), reduction="none")
    weights = batch["maskedWeights"].reshape(-1)
    scores = F.linear(x[:, 0], p["classifier.weight"], p["classifier.bias"]).reshape(-1)
    half = texts // 2
    return (losses * weights).sum() / weights.sum() + F.relu(1 - scores[:half] + scores[half:]).mean()


def optimizer_of(parameters):
    decays = [name for name in parameters if not name.endswith("bias") and "LayerNorm" not in name]
    groups = [
        {"params": [parameters[name] for name in decays], "weight_decay": 0.01},
        {"params": [parameters[name] for name in parameters if name not in decays], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=1e-4, fused=True)


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
