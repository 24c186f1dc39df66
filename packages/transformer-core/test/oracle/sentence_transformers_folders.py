"""sentence-transformers.json: what sentence-transformers 6.2.0 (PyTorch 2.15.0, transformers 5.23.0) says of models that it saved, by model and
file; without weights and vocabularies. sentence-transformers-prompts.json: the prompt that each way to encode puts before a text, by model.

    python sentence_transformers_folders.py

Each is the tiny BERT of tiny-bert with another pooling, normalisation, prompts, length or similarity.
"""
import json
import shutil
import tempfile
from pathlib import Path

import transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules.normalize import Normalize
from sentence_transformers.base.modules.transformer import Transformer
from sentence_transformers.sentence_transformer.modules.pooling import Pooling

HERE = Path(__file__).parent
KEPT = ["modules.json", "config.json", "sentence_bert_config.json", "config_sentence_transformers.json", "tokenizer_config.json"]

CASES = {
    "cls": dict(pooling="cls", similarity="dot"),
    "mean-normalized": dict(pooling="mean", normalize=True, length=20, prompts={"query": "query: ", "passage": "passage: "}),
    "max": dict(pooling="max"),
    "cls-and-mean": dict(pooling=["cls", "mean"]),
    "euclidean": dict(pooling="mean", similarity="euclidean"),
    "prompt-not-pooled": dict(pooling="mean", include_prompt=False, prompts={"query": "query: "}),
    "truncated": dict(pooling="mean", truncate_dim=4),
    "default-prompt-of-both-sides": dict(pooling="mean", prompts={"text": "w1 "}, default_prompt="text"),
    "default-prompt-of-queries": dict(pooling="mean", prompts={"query": "w1 "}, default_prompt="query"),
    "default-prompt-beside-own": dict(pooling="mean", prompts={"text": "w1 ", "query": "w2 ", "document": "w3 "}, default_prompt="text"),
    "default-prompt-empty": dict(pooling="mean", prompts={"text": "", "query": "w2 "}, default_prompt="text"),
}


def base(folder):
    """The tiny BERT with a vocabulary of its size."""
    words = "[PAD] [UNK] [CLS] [SEP] [MASK]".split()
    size = json.loads((HERE / "tiny-bert/config.json").read_text())["vocab_size"]
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(words + [f"w{i}" for i in range(size - len(words))]) + "\n")
    transformers.BertTokenizer(str(vocabulary)).save_pretrained(folder)
    for name in ["config.json", "model.safetensors"]:
        shutil.copy(HERE / "tiny-bert" / name, folder / name)


def save(folder, saved, *, pooling, normalize=False, length=None, prompts=None, default_prompt=None, similarity=None, include_prompt=True, truncate_dim=None):
    transformer = Transformer(str(folder), max_seq_length=length)
    pool = Pooling(transformer.get_embedding_dimension(), pooling, include_prompt=include_prompt)
    modules = [transformer, pool] + ([Normalize()] if normalize else [])
    model = SentenceTransformer(
        modules=modules, prompts=prompts, default_prompt_name=default_prompt, similarity_fn_name=similarity, truncate_dim=truncate_dim, device="cpu"
    )
    model.save(str(saved))


def files(saved):
    paths = [path for path in sorted(saved.rglob("*")) if path.name in KEPT]
    return {str(path.relative_to(saved)): json.loads(path.read_text()) for path in paths}


def applied_prompts(saved):
    """By method, the one of the model's prompts that, given by hand, makes the same vector."""
    model = SentenceTransformer(str(saved), device="cpu")
    by_hand = {prompt: model.encode("w7 w8", prompt=prompt) for prompt in ["", *model.prompts.values()]}
    found = {}
    for method in ["encode", "encode_query", "encode_document"]:
        vector = getattr(model, method)("w7 w8")
        [found[method]] = [prompt for prompt, same in by_hand.items() if (same == vector).all()]
    return found


folders, prompts = {}, {}
for name, case in CASES.items():
    with tempfile.TemporaryDirectory() as temporary:
        bert, saved = Path(temporary, "bert"), Path(temporary, "saved")
        bert.mkdir()
        base(bert)
        save(bert, saved, **case)
        folders[name] = files(saved)
        if case.get("default_prompt"):
            prompts[name] = applied_prompts(saved)
for name, value in [("sentence-transformers", folders), ("sentence-transformers-prompts", prompts)]:
    (HERE / f"{name}.json").write_text(json.dumps(value, indent=1) + "\n")
