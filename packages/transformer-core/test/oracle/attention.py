"""Makes attention.json and attention-minilm.json with PyTorch 2.15 and transformers 5.23 (CPU, one thread, eager attention).

    python attention.py                    attention.json, from tiny-bert/ (see make.py)
    python attention.py --minilm FOLDER    attention-minilm.json, from the all-MiniLM-L6-v2 checkpoint in FOLDER

A row of attention is [CLS]'s after the softmax: of each text, layer and head to every token of the padded batch. "keys" hides
tokens in the middle of a text from all attention, as B-PROP's code hides the continuations of words.
"""
import json
import sys
from pathlib import Path

import torch
import transformers
from transformers import AutoTokenizer, BertModel

HERE = Path(__file__).parent
VERSIONS = {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__}
TEXTS = ["a pump moves water from the lower tank to the upper one", "the skin of the wing is cooled by fuel that flows behind it", "thermodynamic disequilibrium"]


def write(name, value):
    (HERE / name).write_text(json.dumps({"made with": VERSIONS, **value}, separators=(",", ":")) + "\n")


def rows(model, batch):
    """[CLS]'s attention, by layer: text, head, token"""
    with torch.no_grad():
        attentions = model(**batch, output_attentions=True).attentions
    return [[float(f"{x:.9g}") for x in layer[:, :, 0].flatten().tolist()] for layer in attentions]


def model_of(folder):
    return BertModel.from_pretrained(folder, attn_implementation="eager", add_pooling_layer=False).eval()


def tiny():
    model = model_of(HERE / "tiny-bert")
    batch = json.loads((HERE / "expected.json").read_text())["batch"]
    ids, types = torch.tensor(batch["inputIds"]), torch.tensor(batch["tokenTypeIds"])
    mask = torch.tensor(batch["attentionMask"])
    keys = mask.clone()
    keys[:, 3:6] = 0
    of = lambda attention_mask: rows(model, {"input_ids": ids, "token_type_ids": types, "attention_mask": attention_mask})
    write("attention.json", {"batch": batch, "shape": [ids.shape[0], model.config.num_attention_heads, ids.shape[1]],
                             "layers": of(mask), "keys": keys.tolist(), "layersOfKeys": of(keys)})


def minilm(folder):
    model, tokenizer = model_of(folder), AutoTokenizer.from_pretrained(folder)
    tokenizer.backend_tokenizer.no_truncation()  # the checkpoint's own tokenizer.json cuts and pads at 128
    tokenizer.backend_tokenizer.no_padding()
    batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
    write("attention-minilm.json", {"inputIds": batch["input_ids"].tolist(), "attentionMask": batch["attention_mask"].tolist(),
                                    "layers": rows(model, batch)})


if __name__ == "__main__":
    torch.set_num_threads(1)
    if sys.argv[1:2] == ["--minilm"]:
        minilm(sys.argv[2])
    else:
        tiny()
