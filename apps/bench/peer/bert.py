"""BERT with a masked language model's head and a ranking head in PyTorch, over parameters by their Hugging Face names."""
import math

import torch
import torch.nn.functional as F


def encode(p, batch, config, attention, dropout=0.0):
    ids = batch["inputIds"]
    texts, length = ids.shape
    heads = config["heads"]
    bias = (1.0 - batch["attentionMask"].float()).reshape(texts, 1, 1, length) * -1e4

    def linear(name, x):
        return F.linear(x, p[name + ".weight"], p[name + ".bias"])

    def norm(name, x):
        return F.layer_norm(x, x.shape[-1:], p[name + ".weight"], p[name + ".bias"], config["layerNormEpsilon"])

    def split(x):
        return x.view(texts, length, heads, -1).transpose(1, 2)

    def dropped(x):
        return F.dropout(x, dropout) if dropout > 0 else x

    e = "bert.embeddings."
    types = p[e + "token_type_embeddings.weight"]
    x = F.embedding(ids, p[e + "word_embeddings.weight"]) + p[e + "position_embeddings.weight"][:length]
    x = x + (F.embedding(batch["tokenTypeIds"], types) if "tokenTypeIds" in batch else types[0])
    x = dropped(norm(e + "LayerNorm", x))
    for i in range(config["layers"]):
        layer = f"bert.encoder.layer.{i}."
        q, k, v = (split(linear(layer + "attention.self." + name, x)) for name in ("query", "key", "value"))
        if attention == "sdpa":
            mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=bias, dropout_p=dropout)
        else:
            weights = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + bias, -1)
            mixed = dropped(weights) @ v
        mixed = mixed.transpose(1, 2).reshape(texts, length, -1)
        x = norm(layer + "attention.output.LayerNorm", x + dropped(linear(layer + "attention.output.dense", mixed)))
        inner = F.gelu(linear(layer + "intermediate.dense", x))
        x = norm(layer + "output.LayerNorm", x + dropped(linear(layer + "output.dense", inner)))
    return x


def masked_loss(p, x, batch, config):
    """The mean over the masked positions, which alone are decoded."""
    texts, length, width = x.shape
    places = batch["maskedPositions"] + torch.arange(0, texts * length, length).reshape(-1, 1)
    head = "cls.predictions."
    h = F.linear(
        x.reshape(-1, width)[places.reshape(-1)], p[head + "transform.dense.weight"], p[head + "transform.dense.bias"]
    )
    h = F.layer_norm(
        F.gelu(h),
        (width,),
        p[head + "transform.LayerNorm.weight"],
        p[head + "transform.LayerNorm.bias"],
        config["layerNormEpsilon"],
    )
    logits = F.linear(h, p["bert.embeddings.word_embeddings.weight"], p[head + "bias"])
    losses = F.cross_entropy(logits, batch["maskedLabels"].reshape(-1), reduction="none")
    weights = batch["maskedWeights"].reshape(-1)
    return (losses * weights).sum() / weights.sum()


def scores(p, pooled):
    return F.linear(pooled, p["classifier.weight"], p["classifier.bias"]).reshape(-1)


def optimizer_of(parameters, learning_rate=1e-4):
    decays = [name for name in parameters if not name.endswith("bias") and "LayerNorm" not in name]
    groups = [
        {"params": [parameters[name] for name in decays], "weight_decay": 0.01},
        {"params": [parameters[name] for name in parameters if name not in decays], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=learning_rate, fused=True)
