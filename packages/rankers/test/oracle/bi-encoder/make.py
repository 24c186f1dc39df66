"""Makes the fixtures of this folder with sentence-transformers 6.2 and PyTorch 2.15 (CPU, one thread).

    python make.py [MINILM]    tiny/ (a vocabulary and random numbers of our own, as sentence-transformers saves it), tiny.json;
                               contrast.json (losses and gradients); with the folder of all-MiniLM-L6-v2: minilm.json
"""
import json
import sys
import tempfile
from pathlib import Path

import sentence_transformers
import torch
import torch.nn.functional as F
import transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from transformers import BertConfig, BertModel, BertTokenizerFast

HERE = Path(__file__).parent
VERSIONS = {"sentence-transformers": sentence_transformers.__version__, "torch": torch.__version__.split("+")[0],
            "transformers": transformers.__version__}
MAX_TOKENS = 24
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

# Written for this test; the texts below have words that are not made of these.
WORDS = """the a of in is and to how what which why are water oil pump wing skin fuel cold hot moves cool ##s ##ed ##ing ##er thick ##en
lower upper tank pipe flow heat engine river bridge stone light glass sand wind sail boat . , ? ! query passage :""".split()

TEXTS = [
    "how is a wing cooled ?",
    "The skin of the wing is cooled by fuel flowing behind the skin.",
    "",
    " \t\n",
    "stone bridges",
    "zephyr, wind and sail. " * 20,
    "A pump moves water\u00a0from the lower tank to the upper tank!",
    "naïve café, [SEP] and \u6c34",
]
MINILM_TEXTS = [
    "How is the leading edge of a wing kept cool?",
    "Fuel circulates behind the skin of the wing and carries the heat away.",
    "The bridge was built of sandstone in the fourteenth century and has been widened twice. " * 30,
    "",
    "Ein Satz auf Deutsch, mit Umlauten: Übermut, Ärger, Öl.",
    "pump",
]


def write(name, value):
    (HERE / name).write_text(json.dumps({"made with": VERSIONS, **value}, separators=(",", ":"), ensure_ascii=False) + "\n")


def vectors(model, texts):
    return [[round(x, 8) for x in row] for row in model.encode(texts, convert_to_numpy=True).tolist()]


def tiny():
    with tempfile.TemporaryDirectory() as bare:
        (Path(bare) / "vocab.txt").write_text("\n".join(SPECIAL + WORDS) + "\n")
        config = BertConfig(vocab_size=len(SPECIAL + WORDS), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
                            max_position_embeddings=MAX_TOKENS)
        torch.manual_seed(1)
        encoder = BertModel(config, add_pooling_layer=False).eval()
        with torch.no_grad():  # BERT starts biases at 0 and LayerNorm at 1; other values show mistakes that those hide
            for name, weight in encoder.named_parameters():
                weight.normal_(1.0 if name.endswith("LayerNorm.weight") else 0.0, 0.3 if weight.dim() == 2 else 0.1)
        encoder.save_pretrained(bare)
        BertTokenizerFast(str(Path(bare) / "vocab.txt")).save_pretrained(bare)
        transformer = Transformer(bare)
        transformer.max_seq_length = MAX_TOKENS - 4
        prompts = {"query": "query: ", "document": "passage: "}
        model = SentenceTransformer(modules=[transformer, Pooling(16, pooling_mode="mean"), Normalize()], prompts=prompts, device="cpu")
        model.save(str(HERE / "tiny"), create_model_card=False)
        cls = SentenceTransformer(modules=[transformer, Pooling(16, pooling_mode="cls")], device="cpu")
        queries = [[round(x, 8) for x in row] for row in model.encode_query(TEXTS).tolist()]
        documents = [[round(x, 8) for x in row] for row in model.encode_document(TEXTS).tolist()]
        write("tiny.json", {"texts": TEXTS, "queries": queries, "documents": documents, "cls": vectors(cls, TEXTS)})


def contrast():
    """The loss of G1 and the two distillations by PyTorch's own functions, with gradients by the vectors."""
    torch.manual_seed(2)
    batch, size, width, temperature = 3, 4, 5, 0.5
    queries = torch.randn(batch, width, requires_grad=True)
    passages = torch.randn(batch * size, width, requires_grad=True)
    teacher = torch.randn(batch, size) * 3
    known = torch.tensor([[1, 1, 0, 1], [1, 1, 1, 1], [1, 0, 0, 0]])
    scores = queries @ passages.T / temperature
    targets = torch.arange(batch) * size
    own = scores.reshape(batch, batch, size)[torch.arange(batch), torch.arange(batch)]
    pairs = (known[:, :1] * known[:, 1:]).bool()
    margins = (own[:, :1] - own[:, 1:])[pairs], (teacher[:, :1] - teacher[:, 1:])[pairs]
    kl = [F.kl_div(F.log_softmax(own[i][known[i].bool()], -1), F.log_softmax(teacher[i][known[i].bool()], -1), reduction="sum", log_target=True)
          for i in range(2)]  # of the third query one passage is known: no pair
    values = {
        "contrast": F.cross_entropy(scores, targets),
        "symmetric": (F.cross_entropy(scores, targets) + F.cross_entropy(scores[:, targets].T, torch.arange(batch))) / 2,
        "marginMse": F.mse_loss(*margins),
        "kl": sum(kl) / 2,
    }
    cases = {}
    for name, value in values.items():
        by = torch.autograd.grad(value, [queries, passages], retain_graph=True)
        cases[name] = {"loss": value.item(), "queries": by[0].flatten().tolist(), "passages": by[1].flatten().tolist()}
    inputs = {"queries": queries, "passages": passages, "teacher": teacher, "known": known}
    write("contrast.json", {"shape": [batch, size, width], "temperature": temperature, "losses": cases,
                            **{name: value.detach().flatten().tolist() for name, value in inputs.items()}})
    print({name: round(case["loss"], 4) for name, case in cases.items()})


if __name__ == "__main__":
    torch.set_num_threads(1)
    tiny()
    contrast()
    if len(sys.argv) > 1:
        write("minilm.json", {"texts": MINILM_TEXTS, "vectors": vectors(SentenceTransformer(sys.argv[1], device="cpu"), MINILM_TEXTS)})
