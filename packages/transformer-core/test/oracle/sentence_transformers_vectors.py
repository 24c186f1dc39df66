"""Loads a folder with sentence-transformers and prints, as JSON, the vectors of queries and documents; saves it into OUT where that is given.

    python sentence_transformers_vectors.py FOLDER TEXTS [OUT]        TEXTS: a JSON array
"""
import json
import sys

import sentence_transformers

folder, texts, *out = sys.argv[1:]
model = sentence_transformers.SentenceTransformer(folder, device="cpu")
texts = json.loads(texts)
if out:
    model.save(out[0])
print(json.dumps({
    "maxTokens": model.max_seq_length,
    "similarity": model.similarity_fn_name,
    "queries": model.encode_query(texts).flatten().tolist(),
    "documents": model.encode_document(texts).flatten().tolist(),
}))
