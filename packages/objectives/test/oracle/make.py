"""Makes tsdae.json, tsdae.safetensors and tsdae-gradients.safetensors with sentence-transformers 6.2, transformers 5.23 and PyTorch 2.15 (CPU, one thread):

    python make.py

A tiny encoder of random numbers of our own, its decoder tied to it as DenoisingAutoEncoderLoss ties them, and that loss with its gradients.
"""
import json
from pathlib import Path

import sentence_transformers
import torch
import transformers
from safetensors.torch import save_file
from sentence_transformers.sentence_transformer.losses.denoising_auto_encoder import _tie_encoder_decoder_weights
from transformers import BertConfig, BertLMHeadModel, BertModel

HERE = Path(__file__).parent
VERSIONS = {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__, "sentence-transformers": sentence_transformers.__version__}
PAD, CLS, SEP = 0, 2, 3

torch.manual_seed(7)
torch.set_num_threads(1)
shape = dict(vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, max_position_embeddings=16,
             hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, initializer_range=0.3)
encoder = BertModel(BertConfig(**shape), add_pooling_layer=False)
decoder = BertLMHeadModel(BertConfig(**shape, is_decoder=True, add_cross_attention=True))
for parameter in decoder.parameters():  # biases and LayerNorms differ from 0 and 1 as well
    torch.nn.init.normal_(parameter, mean=0.1, std=0.3)
decoder.tie_weights()
_tie_encoder_decoder_weights(encoder, decoder.bert)

whole = torch.tensor([[CLS, 10, 11, 12, 13, 14, 15, SEP], [CLS, 20, 21, 22, SEP, PAD, PAD, PAD]])
damaged = torch.tensor([[CLS, 11, 14, SEP], [CLS, 20, SEP, PAD]])
vector = encoder(input_ids=damaged, attention_mask=(damaged != PAD).long()).last_hidden_state[:, 0]

# As DenoisingAutoEncoderLoss.forward
logits = decoder(input_ids=whole[:, :-1], encoder_hidden_states=vector[:, None], encoder_attention_mask=torch.ones(2, 1)).logits
loss = torch.nn.CrossEntropyLoss(ignore_index=PAD)(logits.reshape(-1, 40), whole[:, 1:].reshape(-1))
loss.backward()


def ours(name):
    """our name: the encoder's where it is shared, ours for what the decoder has besides"""
    return name.replace("bert.encoder.layer.", "decoder.layer.") if ".crossattention." in name else name


weights, gradients = {}, {}
for name, parameter in decoder.named_parameters():
    if ".crossattention.self.query" in name or ".crossattention.self.key" in name:
        assert parameter.grad is None or parameter.grad.abs().max() < 1e-6, name  # a single key: nothing to learn
        continue
    weights[ours(name)] = parameter.detach().clone()
    gradients[ours(name)] = parameter.grad.detach().clone()
save_file(weights, HERE / "tsdae.safetensors", metadata={"made with": json.dumps(VERSIONS)})
save_file(gradients, HERE / "tsdae-gradients.safetensors", metadata={"made with": json.dumps(VERSIONS)})
(HERE / "tsdae.json").write_text(json.dumps({"made with": VERSIONS, "whole": whole.tolist(), "damaged": damaged.tolist(), "loss": loss.item()}) + "\n")
print(loss.item(), sorted(weights))
