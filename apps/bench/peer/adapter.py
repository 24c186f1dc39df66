"""The peer of the cases about adapters: PEFT's LoRA on transformers' BertModel, fp32 on the processor.

argv: threads. Reads one JSON request a line from stdin and answers each with one line; between requests it waits in a read, so that
it takes no processor time from the program it is compared with. FILE.json holds inputIds and attentionMask, flat, and their shape.
  {"train": FILE.json, "model": DIR, "adapter": DIR, "attention": "sdpa"|"eager", "learningRate", "warm": n, "steps": n}
     ->  {"ms": [...], "losses": [...]}   from the folder's weights each time; the first texts are queries, the others their documents
  {"encode": FILE.json, "model": DIR, "adapters": {NAME: DIR}, "names": [...] one for each text, "attention", "batch": n, "out": FILE.f32}
     ->  {"seconds": s}   PEFT's mixed batches (adapter_names); mean pooling
"""
import json
import sys
import time

import numpy
import peft
import torch
import torch.nn.functional as F
from peft import PeftModel
from transformers import BertModel

from bert import optimizer_of

torch.set_num_threads(int(sys.argv[1]))
TEMPERATURE = 0.05
encoders = {}  # by attention, for mixed batches


def encoder(folder, attention):
    return BertModel.from_pretrained(
        folder, add_pooling_layer=False, attn_implementation=attention,
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)


def read(path):
    with open(path) as file:
        spec = json.load(file)
    return {
        "input_ids": torch.tensor(spec["inputIds"]).reshape(spec["shape"]),
        "attention_mask": torch.tensor(spec["attentionMask"]).reshape(spec["shape"]),
    }


def pooled(hidden, mask):
    weights = mask.unsqueeze(-1).float()
    return (hidden * weights).sum(1) / weights.sum(1)


def train(request):
    model = PeftModel.from_pretrained(encoder(request["model"], request["attention"]), request["adapter"], is_trainable=True).train()
    trained = {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
    optimizer = optimizer_of(trained, request["learningRate"])
    batch = read(request["train"])

    def step():
        optimizer.zero_grad(set_to_none=True)
        vectors = F.normalize(pooled(model(**batch).last_hidden_state, batch["attention_mask"]), dim=1)
        queries, documents = vectors.chunk(2)
        loss = F.cross_entropy(queries @ documents.T / TEMPERATURE, torch.arange(len(queries)))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained.values(), 1.0)
        optimizer.step()
        return loss.item()

    losses = [step() for _ in range(request["warm"])]
    times = []
    for _ in range(request["steps"]):
        start = time.perf_counter()
        step()
        times.append((time.perf_counter() - start) * 1000)
    return {"ms": times, "losses": losses}


def adapted(request):
    """One model with all adapters, as PEFT serves many tasks."""
    if request["attention"] not in encoders:
        model = encoder(request["model"], request["attention"])
        for name, folder in request["adapters"].items():
            if isinstance(model, PeftModel):
                model.load_adapter(folder, adapter_name=name)
            else:
                model = PeftModel.from_pretrained(model, folder, adapter_name=name)
        encoders[request["attention"]] = model.eval()
    return encoders[request["attention"]]


def encode(request):
    model = adapted(request)
    texts = read(request["encode"])
    names, size = request["names"], request["batch"]
    vectors = []
    start = time.perf_counter()
    with torch.inference_mode():
        for at in range(0, len(names), size):
            batch = {name: rows[at : at + size] for name, rows in texts.items()}
            hidden = model(**batch, adapter_names=names[at : at + size]).last_hidden_state
            vectors.append(pooled(hidden, batch["attention_mask"]))
    seconds = time.perf_counter() - start
    torch.cat(vectors).numpy().astype(numpy.float32).tofile(request["out"])
    return {"seconds": seconds}


print(json.dumps({"peer": f"PEFT {peft.__version__}", "threads": torch.get_num_threads()}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps(train(request) if "train" in request else encode(request)), flush=True)
