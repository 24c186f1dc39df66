"""Makes the fixtures of this folder with PyTorch 2.15, transformers 5.23 and safetensors 0.8 (CPU, one thread).

    python make.py                     tiny-bert/ (random numbers of our own), expected.json, *.safetensors
    python make.py --minilm FOLDER     minilm.json, from the all-MiniLM-L6-v2 checkpoint in FOLDER
"""
import json
import sys
from pathlib import Path

import safetensors
import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoModel, AutoTokenizer, BertConfig, BertForMaskedLM, BertForSequenceClassification, get_linear_schedule_with_warmup

HERE = Path(__file__).parent
VERSIONS = {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__, "safetensors": safetensors.__version__}
STEPS, B, T, P, VOCAB, PAD, CLS, SEP, MASK, FIRST = 30, 4, 12, 3, 64, 0, 1, 2, 3, 5

# Written for this test. Single texts and pairs, punctuation, an unknown character, padding within the batch.
TEXTS = [
    ["a pump moves water from the lower tank to the upper one"],
    ["how are wings cooled?", "The skin of the wing is cooled by fuel that flows behind it."],
    ["!"],
    ["état naïf, 東京 and a 🦆"],
    ["which oils thicken in the cold", "Most mineral oils thicken. " * 12],
]


def write(name, value):
    (HERE / name).write_text(json.dumps({"made with": VERSIONS, **value}, separators=(",", ":"), ensure_ascii=False) + "\n")


def floats(tensor):
    """the shortest decimals that are the same float32"""
    return [float(f"{x:.9g}") for x in tensor.detach().flatten().tolist()]


def make_batches(count):
    """Rows of 7..T tokens, [CLS] first half [SEP] second half [SEP], with 1..P masked positions; a learnable pattern."""
    draw = torch.Generator().manual_seed(1)
    integer = lambda low, high: int(torch.randint(low, high, (1,), generator=draw))
    batches = []
    for _ in range(count):
        batch = {"inputIds": [], "attentionMask": [], "tokenTypeIds": [], "maskedPositions": [], "maskedLabels": [], "maskedWeights": []}
        for _ in range(B):
            length, start = integer(7, T + 1), integer(FIRST, VOCAB)
            words = [FIRST + (start + 3 * i) % (VOCAB - FIRST) for i in range(length - 3)]
            half = len(words) // 2
            ids = [CLS, *words[:half], SEP, *words[half:], SEP]
            types = [0] * (half + 2) + [1] * (len(words) - half + 1)
            places = [i for i, t in enumerate(ids) if t >= FIRST]
            chosen = sorted(places[i] for i in torch.randperm(len(places), generator=draw)[: integer(1, P + 1)].tolist())
            batch["maskedLabels"].append([ids[i] for i in chosen] + [0] * (P - len(chosen)))
            for i in chosen:
                ids[i] = MASK
            batch["maskedPositions"].append(chosen + [0] * (P - len(chosen)))
            batch["maskedWeights"].append([1] * len(chosen) + [0] * (P - len(chosen)))
            batch["inputIds"].append(ids + [PAD] * (T - length))
            batch["attentionMask"].append([1] * length + [0] * (T - length))
            batch["tokenTypeIds"].append(types + [0] * (T - length))
        batches.append(batch)
    return batches


def inputs(batch):
    names = {"inputIds": "input_ids", "attentionMask": "attention_mask", "tokenTypeIds": "token_type_ids"}
    return {theirs: torch.tensor(batch[ours]) for ours, theirs in names.items()}


def labels(batch):
    """-100 everywhere but at the masked positions"""
    out = torch.full((B, T), -100)
    for row in range(B):
        for position, label, weight in zip(batch["maskedPositions"][row], batch["maskedLabels"][row], batch["maskedWeights"][row]):
            if weight:
                out[row, position] = label
    return out


def build():
    config = BertConfig(vocab_size=VOCAB, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, max_position_embeddings=24,
                        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, pad_token_id=PAD, num_labels=1)
    torch.manual_seed(0)
    mlm, ranker = BertForMaskedLM(config), BertForSequenceClassification(config)
    with torch.no_grad():  # BERT starts biases at 0 and LayerNorm at 1; other values show mistakes that those hide
        for model in (mlm, ranker):
            for name, weight in model.named_parameters():
                weight.normal_(1.0 if name.endswith("LayerNorm.weight") else 0.0, 0.3 if weight.dim() == 2 else 0.1)
    for name, module in mlm.bert.named_children():
        setattr(ranker.bert, name, module)  # one encoder
    return mlm.train(), ranker.train()


def state(mlm):
    """without the tied copy of the word embeddings"""
    return {k: v.detach().clone().contiguous() for k, v in mlm.state_dict().items() if not k.startswith("cls.predictions.decoder.")}


def own_parts(ranker):
    return {k: v for k, v in ranker.named_parameters() if k.startswith(("bert.pooler.", "classifier."))}


def tiny():
    mlm, ranker = build()
    folder = HERE / "tiny-bert"
    folder.mkdir(exist_ok=True)
    config = json.loads(mlm.config.to_json_string(use_diff=False))
    keep = ("model_type vocab_size hidden_size num_hidden_layers num_attention_heads intermediate_size hidden_act max_position_embeddings "
            "type_vocab_size layer_norm_eps pad_token_id hidden_dropout_prob attention_probs_dropout_prob initializer_range").split()
    (folder / "config.json").write_text(json.dumps({k: config[k] for k in keep}, indent=1) + "\n")
    save_file({**state(mlm), **{k: v.detach().clone() for k, v in own_parts(ranker).items()}}, folder / "model.safetensors", {"format": "pt"})

    batches = make_batches(STEPS)
    first = batches[0]
    output = mlm(**inputs(first), labels=labels(first), output_hidden_states=True)
    hidden = output.hidden_states[-1]
    pooled = ranker.bert.pooler(hidden)
    scores = ranker.classifier(pooled)[:, 0]
    (output.loss + (scores**2).mean()).backward()
    gradients = {n: p.grad for n, p in [*mlm.named_parameters(), *own_parts(ranker).items()]}
    save_file({n: g.clone().contiguous() for n, g in gradients.items()}, HERE / "gradients.safetensors", {"format": "pt"})
    rows = torch.arange(B)[:, None]
    write("expected.json", {
        "batch": first, "hidden": floats(hidden), "pooled": floats(pooled), "scores": floats(scores), "loss": output.loss.item(),
        "logits": floats(output.logits[rows, torch.tensor(first["maskedPositions"])]),
        "meanPooled": floats((hidden * inputs(first)["attention_mask"][..., None]).sum(1) / inputs(first)["attention_mask"].sum(1, keepdim=True)),
        "hiddenWithoutTypes": floats(mlm.bert(**{k: v for k, v in inputs(first).items() if k != "token_type_ids"}).last_hidden_state),
    })
    train(batches)


def train(batches):
    mlm, _ = build()
    plain = [p for n, p in mlm.named_parameters() if n.endswith("bias") or "LayerNorm" in n]
    decayed = [p for n, p in mlm.named_parameters() if not (n.endswith("bias") or "LayerNorm" in n)]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}],
                                  lr=1e-3, betas=(0.9, 0.999), eps=1e-8, foreach=False)
    schedule = get_linear_schedule_with_warmup(optimizer, 3, STEPS)
    log = {"batches": batches, "losses": [], "gradientNorms": [], "learningRates": []}
    for batch in batches:
        log["learningRates"].append(schedule.get_last_lr()[0])
        loss = mlm(**inputs(batch), labels=labels(batch)).loss
        optimizer.zero_grad()
        loss.backward()
        log["gradientNorms"].append(torch.nn.utils.clip_grad_norm_(mlm.parameters(), 1.0).item())
        optimizer.step()
        schedule.step()
        log["losses"].append(loss.item())
    write("training.json", log)
    save_file(state(mlm), HERE / "trained.safetensors", {"format": "pt"})
    print("losses", log["losses"][0], log["losses"][-1], "norms", min(log["gradientNorms"]), max(log["gradientNorms"]))


def dtypes():
    values = torch.tensor([[0.0, -0.0, 1.0, -1.5], [65504.0, 6.1e-05, 5.96e-08, 3.14159]])
    halves = torch.cat([values, torch.tensor([[float("inf"), -float("inf"), 1e-3, 2.0]])])
    tensors = {"half": halves.to(torch.float16), "brain": halves.to(torch.bfloat16), "single": values, "scalar": torch.tensor(2.5),
               "embeddings.position_ids": torch.arange(6)[None], "empty": torch.zeros(0, 3)}
    save_file(tensors, HERE / "dtypes.safetensors", {"format": "pt", "note": "every type we read"})
    write("dtypes.json", {"half": [str(x) for x in halves.to(torch.float16).float().flatten().tolist()],
                          "brain": [str(x) for x in halves.to(torch.bfloat16).float().flatten().tolist()]})


def minilm(folder):
    """Every 12th component of each hidden state, and the mean over tokens and components of its absolute value."""
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    tokenizer.backend_tokenizer.no_truncation()  # the checkpoint's own tokenizer.json cuts and pads at 128
    tokenizer.backend_tokenizer.no_padding()
    batch = tokenizer.pad([tokenizer(*text) for text in TEXTS], return_tensors="pt")
    with torch.no_grad():
        hidden = model(**batch).last_hidden_state
    texts = []
    for row, text in enumerate(TEXTS):
        length = int(batch["attention_mask"][row].sum())
        texts.append({"text": text, "inputIds": batch["input_ids"][row, :length].tolist(), "tokenTypeIds": batch["token_type_ids"][row, :length].tolist(),
                      "hidden": [round(x, 6) for x in hidden[row, :length, ::12].flatten().tolist()], "meanAbsolute": hidden[row, :length].abs().mean().item()})
    write("minilm.json", {"every": 12, "texts": texts})
    print("texts of", [len(t["inputIds"]) for t in texts], "tokens")


if __name__ == "__main__":
    torch.set_num_threads(1)
    if sys.argv[1:2] == ["--minilm"]:
        minilm(sys.argv[2])
    else:
        tiny()
        dtypes()
