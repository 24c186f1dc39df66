"""The peer of zero-shot, encode and bi-encoder: sentence-transformers, fp32 on the processor, as its users call it.

argv: threads, the model's folder. Reads one JSON request a line from stdin and answers each with one line; between requests it
waits in a read, so that it takes no processor time from the program it is compared with. Requests name the model they are for,
"given" or "trained".
  {"encode": FILE.json with texts, "out": FILE.f32}                          ->  {"seconds": s}
  {"search": FILE.json with ids, texts, queryIds, queries, "depth": k}       ->  {"run": {query: [[id, score], ...]}}
  {"train": FILE.json with columns, "batch", "epochs", "learningRate", "warmup", "maxTokens", "seed"}  ->  {"seconds": s, "steps": n, "loss": x}
"""
import copy
import json
import sys
import tempfile
import time

import numpy
import sentence_transformers
import torch

torch.set_num_threads(int(sys.argv[1]))
models = {"given": sentence_transformers.SentenceTransformer(sys.argv[2], device="cpu")}


def read(path):
    with open(path) as file:
        return json.load(file)


def encode(model, texts):
    return model.encode(texts, batch_size=32, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False)


def search(model, request):
    given = read(request["search"])
    documents, ids = encode(model, given["texts"]), given["ids"]
    run = {}
    for query, scores in zip(given["queryIds"], encode(model, given["queries"]) @ documents.T):
        best = numpy.argsort(-scores, kind="stable")[: request["depth"]]
        run[query] = [[ids[i], float(scores[i])] for i in best]
    return {"run": run}


def train(request):
    from datasets import Dataset, disable_progress_bars
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
    from transformers import PrinterCallback, set_seed

    disable_progress_bars()
    set_seed(request["seed"])
    model = copy.deepcopy(models["given"])
    model.max_seq_length = request["maxTokens"]
    with tempfile.TemporaryDirectory() as folder:
        trainer = SentenceTransformerTrainer(
            model=model, train_dataset=Dataset.from_dict(read(request["train"])), loss=MultipleNegativesRankingLoss(model),
            args=SentenceTransformerTrainingArguments(
                output_dir=folder, num_train_epochs=request["epochs"], per_device_train_batch_size=request["batch"],
                learning_rate=request["learningRate"], warmup_steps=request["warmup"], seed=request["seed"], use_cpu=True,
                batch_sampler="no_duplicates", save_strategy="no", report_to="none", logging_steps=10, disable_tqdm=True,
                dataloader_pin_memory=False))
        trainer.remove_callback(PrinterCallback)
        start = time.perf_counter()
        loss = trainer.train().training_loss
        seconds = time.perf_counter() - start
    models["trained"] = model.eval()
    return {"seconds": seconds, "steps": trainer.state.global_step, "loss": loss}


def answer(request):
    model = models[request.get("model", "given")]
    if "train" in request:
        return train(request)
    if "search" in request:
        return search(model, request)
    texts = read(request["encode"])["texts"]
    start = time.perf_counter()
    vectors = encode(model, texts)
    seconds = time.perf_counter() - start
    vectors.astype(numpy.float32).tofile(request["out"])
    return {"seconds": seconds}


print(json.dumps({"peer": f"sentence-transformers {sentence_transformers.__version__}"}), flush=True)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
