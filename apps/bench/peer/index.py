"""The index case's peer: faiss-cpu. It makes the vectors too, a mixture of Gaussians, so that both sides read one file.

argv[1]: a folder; argv[2]: JSON with documents, queries, dimensions, threads. Lines on stdin ask for:
  {"build": "flat" | "hnsw"}                                            -> {"seconds"}
  {"search": "flat" | "hnsw", "batch", "batches", "depth", "efSearch"}  -> {"seconds", "labels": of the last batch}
  {"recall": depth, "efSearch"}                                         -> {"recall"} of hnsw, over all queries, against flat
"""
import json
import os
import sys
import time

folder, given = sys.argv[1], json.loads(sys.argv[2])
os.environ["OMP_NUM_THREADS"] = str(given["threads"])
import faiss
import numpy as np

CENTRES = 1000
LINKS = 32

random = np.random.default_rng(0)
dimensions = given["dimensions"]
centres = random.standard_normal((CENTRES, dimensions)).astype("f4")
spread = (np.arange(1, dimensions + 1) ** -0.5).astype("f4")  # a few directions hold most of the variance, as in embeddings


def draw(count):
    vectors = 0.6 * centres[random.integers(0, CENTRES, count)] + random.standard_normal((count, dimensions)).astype("f4")
    vectors *= spread
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype("f4")


documents, queries = draw(given["documents"]), draw(given["queries"])
documents.tofile(os.path.join(folder, "documents.f32"))
queries.tofile(os.path.join(folder, "queries.f32"))
faiss.omp_set_num_threads(given["threads"])
flat = faiss.IndexFlatIP(dimensions)
hnsw = faiss.IndexHNSWFlat(dimensions, LINKS, faiss.METRIC_INNER_PRODUCT)
indexes = {"flat": flat, "hnsw": hnsw}
print(json.dumps({"peer": f"faiss-cpu {faiss.__version__}"}), flush=True)

for line in sys.stdin:
    asked = json.loads(line)
    if "efSearch" in asked:
        hnsw.hnsw.efSearch = asked["efSearch"]
    start = time.perf_counter()
    if "build" in asked:
        indexes[asked["build"]].add(documents)
        answer = {"seconds": time.perf_counter() - start}
    elif "search" in asked:
        index, batch = indexes[asked["search"]], asked["batch"]
        for i in range(asked["batches"]):
            first = i * batch % len(queries)
            _, labels = index.search(queries[first : first + batch], asked["depth"])
        answer = {"seconds": time.perf_counter() - start, "labels": labels.tolist()}
    else:
        depth = asked["recall"]
        wanted, found = flat.search(queries, depth)[1], hnsw.search(queries, depth)[1]
        answer = {"recall": float(np.mean([len(set(a) & set(b)) / depth for a, b in zip(wanted, found)]))}
    print(json.dumps(answer), flush=True)
