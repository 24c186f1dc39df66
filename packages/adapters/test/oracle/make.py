"""Makes tiny-bert/, lora/, lora-classifier/, prefix/ and expected.json with PEFT 0.21, transformers 5.23 and PyTorch 2.15 (CPU, one thread):

    python make.py

A tiny encoder of random numbers of our own, PEFT's adapters of it, every one with random weights, and what PEFT computes with each.
"""
import json
import shutil
from pathlib import Path

import peft
import torch
import transformers
from peft import LoraConfig, PrefixTuningConfig, TaskType, get_peft_model
from transformers import BertConfig, BertForSequenceClassification, BertModel

HERE = Path(__file__).parent
torch.set_num_threads(1)
torch.manual_seed(7)
CONFIG = BertConfig(vocab_size=30, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, max_position_embeddings=16,
                    hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, initializer_range=0.3, num_labels=1)
IDS = torch.tensor([[2, 10, 11, 12, 3], [2, 13, 3, 0, 0]])
INPUTS = {"input_ids": IDS, "attention_mask": (IDS != 0).long()}


def randomise(model):
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, mean=0.05, std=0.3)


base = BertForSequenceClassification(CONFIG)
randomise(base)
bert_state = {name: tensor.clone() for name, tensor in base.bert.state_dict().items()}
full_state = {name: tensor.clone() for name, tensor in base.state_dict().items()}
BertModel.save_pretrained(base.bert, HERE / "tiny-bert")


def encoder():
    model = BertModel(CONFIG)
    model.load_state_dict(bert_state)
    return model


def classifier():
    model = BertForSequenceClassification(CONFIG)
    model.load_state_dict(full_state)
    return model


def save(model, name):
    for parameter_name, parameter in model.named_parameters():
        if parameter.requires_grad:
            torch.nn.init.normal_(parameter, std=0.3)
    model.eval()
    with torch.no_grad():
        out = model(**INPUTS)
    shutil.rmtree(HERE / name, ignore_errors=True)
    model.save_pretrained(HERE / name)
    (HERE / name / "README.md").unlink(missing_ok=True)
    result = out.logits if hasattr(out, "logits") else out.last_hidden_state
    return result.flatten().tolist()


expected = {
    "made with": {"peft": peft.__version__, "transformers": transformers.__version__, "torch": torch.__version__.split("+")[0]},
    "inputIds": IDS.tolist(),
    "lora": save(get_peft_model(encoder(), LoraConfig(task_type=TaskType.FEATURE_EXTRACTION, r=3, lora_alpha=5, lora_dropout=0.1,
                                                      target_modules=["query", "value"])), "lora"),
    "lora-classifier": save(get_peft_model(classifier(), LoraConfig(task_type=TaskType.SEQ_CLS, r=2, lora_alpha=3, use_rslora=True,
                                                                    target_modules=["intermediate.dense", "output.dense"])), "lora-classifier"),
    "prefix": save(get_peft_model(encoder(), PrefixTuningConfig(task_type=TaskType.FEATURE_EXTRACTION, num_virtual_tokens=3, prefix_projection=True,
                                                                encoder_hidden_size=16)), "prefix"),
}
(HERE / "expected.json").write_text(json.dumps(expected) + "\n")
print({name: (len(values), values[:3]) for name, values in expected.items() if isinstance(values, list)})
