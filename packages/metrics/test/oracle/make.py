"""Makes the *.json beside this file from qrels.txt and run.txt, which are written by hand.

    pip install pytrec-eval-terrier==0.5.11 ir-measures==0.4.3 scipy==1.17.1
    pip install --no-deps beir==2.2.0
    python make.py

pytrec-eval.json   trec_eval 9 (scores are float32), as pytrec_eval-terrier 0.5.11 has it; every query that the run answers
msmarco.json       MS MARCO's own script, as ir_measures 0.4.3 has it, with the ranks of the run
beir.json          beir 2.2.0, EvaluateRetrieval.evaluate and then mrr, rounded there to 5 digits
paired-t-test.json scipy 1.17.1, stats.ttest_rel
"""
import json
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

import pytrec_eval
from beir.retrieval.custom_metrics import mrr
from beir.retrieval.evaluation import EvaluateRetrieval
from ir_measures.bin import msmarco_eval
from scipy import stats

here = Path(__file__).parent
NAMES = {
    "ndcg": "nDCG", "ndcg_cut_1": "nDCG@1", "ndcg_cut_3": "nDCG@3", "ndcg_cut_10": "nDCG@10",
    "map": "AP", "map_cut_2": "AP@2", "map_cut_10": "AP@10", "recip_rank": "RR",
    "P_1": "P@1", "P_3": "P@3", "P_10": "P@10", "recall_1": "R@1", "recall_3": "R@3", "recall_10": "R@10",
    "success_1": "Success@1", "success_3": "Success@3",
}
TREC = {"ndcg", "ndcg_cut.1,3,10", "map", "map_cut.2,10", "recip_rank", "P.1,3,10", "recall.1,3,10", "success.1,3"}


def save(name, value):
    (here / name).write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


qrels, run, ranks = defaultdict(dict), defaultdict(dict), defaultdict(list)
for line in (here / "qrels.txt").read_text(encoding="utf-8").splitlines():
    query, _, document, grade = line.split()
    qrels[query][document] = int(grade)
for line in (here / "run.txt").read_text(encoding="utf-8").splitlines():
    query, _, document, _, score, _ = line.split()
    run[query][document] = float(score)
    ranks[query].append(document)

trec = {}
for level in (1, 2):
    values = pytrec_eval.RelevanceEvaluator(qrels, TREC, relevance_level=level).evaluate(run)
    trec[f"rel={level}"] = {q: {NAMES[m]: v for m, v in of.items() if m in NAMES} for q, of in values.items()}
save("pytrec-eval.json", {"program": f"pytrec_eval-terrier {version('pytrec_eval-terrier')}", **trec})

relevant = {q: [d for d, grade in of.items() if grade >= 1] for q, of in qrels.items()}
# the original script divides by the number of queries in the qrels
marco = msmarco_eval.compute_metrics(relevant, ranks, 10)["MRR @10 by query"]
save("msmarco.json", {
    "program": f"ir_measures {version('ir_measures')}, bin/msmarco_eval.py",
    "perQuery": marco, "RR@10": sum(marco.values()) / len(relevant),
})

copy = {q: dict(of) for q, of in run.items()}  # evaluate takes the self-hits out of what it is given
parts = EvaluateRetrieval.evaluate(qrels, copy, [1, 3, 10])
values = {k: v for part in (*parts, mrr(qrels, copy, [1, 3, 10])) for k, v in part.items()}
save("beir.json", {"program": f"beir {version('beir')}", "mean": values})

pairs = [
    ([0.5, 0.25, 1.0, 0.0, 0.75], [0.25, 0.25, 0.5, 0.1, 0.7]),
    ([0.1, 0.2], [0.3, 0.1]),
    ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [0.5, 1.9, 2.4, 3.3, 4.1, 5.8, 6.2, 7.5, 8.1, 9.4]),
    ([0.31, 0.42, 0.11, 0.73, 0.20, 0.05, 0.66], [0.33, 0.40, 0.15, 0.70, 0.28, 0.02, 0.61]),
]
save("paired-t-test.json", {
    "program": f"scipy {version('scipy')}",
    "cases": [
        {"a": a, "b": b, "t": float(r.statistic), "degreesOfFreedom": int(r.df), "p": float(r.pvalue)}
        for a, b in pairs for r in [stats.ttest_rel(a, b)]
    ],
})
