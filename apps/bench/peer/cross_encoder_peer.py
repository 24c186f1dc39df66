"""The peer of rerank and cross-encoder: sentence-transformers' CrossEncoder, fp32 on the processor, as its users call it.

argv: threads. Reads one JSON request a line from stdin and answers each with one line; between requests it waits in a read, so that
it takes no processor time from the program it is compared with.
  {"score": FILE.json with pairs, "out": FILE.f32, "model": DIR or null for the one that was trained, "maxTokens"}  ->  {"seconds": s}
  {"train": FILE.json with columns query, text, label, "model": DIR of an encoder, "positiveWeight", "batch", "epochs", "learningRate", "warmup",
   "maxTokens", "seed"}  ->  {"seconds": s, "steps": n, "loss": x}
"""
import json
import sys
import tempfile
import time

import numpy
import sentence_transformers
import torch
from sentence_transformers import CrossEncoder

torch.set_num_threads(int(sys.argv[1]))
models = {}  # by folder; None: the trained one


def opened(request):
    return CrossEncoder(request["model"], num_labels=1, max_length=request["maxTokens"], device="cpu")


def read(path):
    with open(path) as file:
        return json.load(file)


def score(request):
    name = request["model"]
    if name not in models:
        models[name] = opened(request)
    pairs = read(request["score"])["pairs"]
    start = time.perf_counter()
    scores = models[name].predict(pairs, batch_size=32, show_progress_bar=False, activation_fn=torch.nn.Identity(), convert_to_numpy=True)
    seconds = time.perf_counter() - start
    scores.reshape(-1).astype(numpy.float32).tofile(request["out"])
    return {"seconds": seconds}


def train(request):
    from datasets import Dataset, disable_progress_bars
    from sentence_transformers import CrossEncoderTrainer, CrossEncoderTrainingArguments
    from sentence_transformers.cross_encoder.losses import BinaryCrossEntropyLoss
    from transformers import PrinterCallback, set_seed

    disable_progress_bars()
    set_seed(request["seed"])
    model = opened(request)
    with tempfile.TemporaryDirectory() as output:
        trainer = CrossEncoderTrainer(
            model=model, train_dataset=Dataset.from_dict(read(request["train"])),
            loss=BinaryCrossEntropyLoss(model, pos_weight=torch.tensor(float(request["positiveWeight"]))),
            args=CrossEncoderTrainingArguments(
                output_dir=output, num_train_epochs=request["epochs"], per_device_train_batch_size=request["batch"],
                learning_rate=request["learningRate"], warmup_steps=request["warmup"], seed=request["seed"], use_cpu=True,
                save_strategy="no", report_to="none", logging_steps=10, disable_tqdm=True, dataloader_pin_memory=False))
        trainer.remove_callback(PrinterCallback)
        start = time.perf_counter()
        loss = trainer.train().training_loss
        seconds = time.perf_counter() - start
    models[None] = model.eval()
    return {"seconds": seconds, "steps": trainer.state.global_step, "loss": loss}


print(json.dumps({"peer": f"sentence-transformers {sentence_transformers.__version__}"}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps(train(request) if "train" in request else score(request)), flush=True)
