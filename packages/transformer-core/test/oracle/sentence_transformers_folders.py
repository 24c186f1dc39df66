"""sentence-transformers.json: what sentence-transformers 6.2.0 (PyTorch 2.15.0, transformers 5.23.0) says of models that it saved, by model and
file; without weights and vocabularies.

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


def save(folder, *, pooling, normalize=False, length=None, prompts=None, similarity=None, include_prompt=True, truncate_dim=None):
    transformer = Transformer(str(folder), max_seq_length=length)
    pool = Pooling(transformer.get_embedding_dimension(), pooling, include_prompt=include_prompt)
    modules = [transformer, pool] + ([Normalize()] if normalize else [])
    model = SentenceTransformer(modules=modules, prompts=prompts, similarity_fn_name=similarity, truncate_dim=truncate_dim, device="cpu")
    with tempfile.TemporaryDirectory() as saved:
        model.save(saved)
        paths = [path for path in sorted(Path(saved).rglob("*")) if path.name in KEPT]
        return {str(path.relative_to(saved)): json.loads(path.read_text()) for path in paths}



with tempfile.TemporaryDirectory() as temporary:
    base(Path(temporary))
    folders = {name: save(Path(temporary), **case) for name, case in CASES.items()}
(HERE / "sentence-transformers.json").write_text(json.dumps(folders, indent=1) + "\n")
