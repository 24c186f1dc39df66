"""Makes fusion.json with ranx 0.3.21 and pytrec_eval-terrier 0.5.11: random runs without ties, fused, and the fused runs' nDCG@10.

    python make-fusion.py
"""
import json
import random
from importlib.metadata import version
from pathlib import Path

import pytrec_eval
from ranx import Run, fuse

HERE = Path(__file__).parent
VERSIONS = {name: version(name) for name in ("ranx", "pytrec_eval-terrier")}
draw = random.Random(7)
QUERIES = [f"q{i}" for i in range(8)]
DOCUMENTS = [f"d{i}" for i in range(40)]


def run(scale):
    """Of each query 5 to 30 documents; numbers without ties."""
    return {q: {d: round(draw.gauss(0, scale) + i * 1e-4, 6) for i, d in enumerate(draw.sample(DOCUMENTS, draw.randint(5, 30)))} for q in QUERIES}


def ndcg(qrels, fused):
    values = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg_cut_10"}).evaluate(fused)
    return {q: value["ndcg_cut_10"] for q, value in values.items()}


def case(runs, qrels, **options):
    fused = fuse(runs=[Run(r) for r in runs], **options).to_dict()
    fused = {q: {d: float(s) for d, s in list(scores.items())} for q, scores in fused.items()}
    return {"scores": fused, "nDCG@10": ndcg(qrels, fused)}


runs = [run(1), run(10), run(0.1)]
qrels = {q: {d: draw.choice([0, 1, 1, 2, 3]) for d in draw.sample(DOCUMENTS, 12)} for q in QUERIES}
value = {
    "made with": VERSIONS,
    "runs": runs,
    "qrels": qrels,
    "rrf": case(runs, qrels, method="rrf", norm=None, params={"k": 60}),
    "rrf, k 5": case(runs, qrels, method="rrf", norm=None, params={"k": 5}),
    "linear": case(runs, qrels, method="wsum", norm="min-max", params={"weights": (0.5, 0.2, 0.3)}),
}
(HERE / "fusion.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")
