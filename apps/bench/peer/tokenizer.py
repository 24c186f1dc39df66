"""The tokenizer case's peer: Hugging Face tokenizers' BERT WordPiece, one text after the other, one thread.

argv[1]: JSON with "vocabulary" and "texts". Each line on stdin asks for one pass: {"seconds": s, "pieces": n}.
"""
import json
import sys
import time

import tokenizers
from tokenizers.implementations import BertWordPieceTokenizer

with open(sys.argv[1]) as file:
    given = json.load(file)
tokenizer = BertWordPieceTokenizer({token: i for i, token in enumerate(given["vocabulary"])}, lowercase=True)
texts = given["texts"]
encode = lambda: sum(len(tokenizer.encode(text, add_special_tokens=False).ids) for text in texts)
encode()
print(json.dumps({"peer": f"tokenizers {tokenizers.__version__}"}), flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    pieces = encode()
    print(json.dumps({"seconds": time.perf_counter() - start, "pieces": pieces}), flush=True)
