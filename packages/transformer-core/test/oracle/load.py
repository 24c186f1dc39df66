"""Loads a folder that saveModel wrote with transformers and prints, as JSON, what it computes.

    python load.py FOLDER CLASS        CLASS: AutoModel, BertForMaskedLM or BertForSequenceClassification
"""
import json
import sys

import torch
import transformers

folder, name = sys.argv[1:]
tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
model, report = getattr(transformers, name).from_pretrained(folder, output_loading_info=True)
batch = tokenizer(["the cat sat", "a catnap [MASK]"], ["on a mat.", "?"], padding=True, return_tensors="pt")
with torch.no_grad():
    output = model.eval()(**batch)
result = output.last_hidden_state if name == "AutoModel" else output.logits
print(json.dumps({
    "class": type(model).__name__,
    "missing": sorted(report["missing_keys"]),
    "unexpected": sorted(report["unexpected_keys"]),
    "inputIds": batch["input_ids"].tolist(),
    "attentionMask": batch["attention_mask"].tolist(),
    "tokenTypeIds": batch["token_type_ids"].tolist(),
    "shape": list(result.shape),
    "result": result.flatten().tolist(),
}))
