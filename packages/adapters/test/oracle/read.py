"""What PEFT computes with an adapter's folder on the tiny encoder, as JSON: python read.py FOLDER"""
import json
import sys
from pathlib import Path

import torch
from peft import PeftModel
from transformers import BertModel

HERE = Path(__file__).parent
ids = torch.tensor(json.loads((HERE / "expected.json").read_text())["inputIds"])
model = PeftModel.from_pretrained(BertModel.from_pretrained(HERE / "tiny-bert"), sys.argv[1]).eval()
with torch.no_grad():
    hidden = model(input_ids=ids, attention_mask=(ids != 0).long()).last_hidden_state
print(json.dumps(hidden.flatten().tolist()))
