"""Writes cases.json.gz: 1,000 texts with the ids, words and places that Hugging Face `tokenizers` gives them.

    python test/oracle/make.py PATH/TO/bert-base-uncased/tokenizer.json      # with tokenizers 0.23.3

The texts are made here, from own-text.txt and from code points. The vocabulary of the argument is not written, only
ids under it; the other two vocabularies are our own (trained on own-text.txt by `trainVocabulary`).
"""

import gzip
import hashlib
import json
import pathlib
import platform
import random
import sys

import tokenizers
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

HERE = pathlib.Path(__file__).parent
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
COUNT = 1000
BLOCK = 4096
draw = random.Random(20)

own = (HERE / "own-text.txt").read_text(encoding="utf-8").splitlines()
words = [word for line in own for word in line.split()]

hand_written = [
    "", " ", "\t\n\r", "\x00", "\ufffd", "a", "A", ".", "...", "[MASK]", "##", "##ing", "a ##b", "#", "[", "]",
    "The capital of France is [MASK].", "a[MASK]b", "[[MASK]]", "[MASK][MASK]", "[mask] [Mask]", "[MASK", "MASK]",
    "[CLS] first [SEP] second [SEP]", "[PAD][UNK] unknown", "x[SEP]\u0301y", "[UNUSED] [unused1]", "un[UNK]known",
    "caf\u00e9 cafe\u0301 CAFE\u0301 CAF\u00c9", "A\u030angstro\u0308m \u212b", "e\u0301\u0323 e\u0323\u0301 \u1ec7", "\u0301a", "a \u0301 b", ",\u0301,",
    "\u0130stanbul \u0131\u015f\u0131k I\u0307", "\u039f\u0394\u039f\u03a3 \u03a3 \u03a3\u03a3 \u03bf\u03b4\u03cc\u03c2", "stra\u00dfe STRASSE \u1e9e", "\ufb01 \ufb02 \ufb03 \u2460 \u00b2 \u00bd",
    "\u4e2d\u6587\u5b57\u7b26", "\u4e2d a\u6587b", "\u3400\u4dbf\u4dc0\u4dff\u4e00\u9fff", "\uf900\ufa30 \U0002f800\U0002fa1d", "\U00020000\U0002a6d6 \U0002a700\U0002b740\U0002b820\U0002ceb0 \U00030000",
    "a\U00020000b", "\u4e2d\u0301\u6587", "\uff0c\u3002\u300c\u300d\uff01\uff1f", "\uff21\uff22\uff23 \uff41\uff42", "\u304b\u3099 \u304c \u30ab\u309a", "\ud55c\uad6d\uc5b4 \u1112\u1161\u11ab",
    "\U0001f600\U0001f680", "\U0001f469\u200d\U0001f469\u200d\U0001f467", "\u2764\ufe0f \u2764", "\U0001f1e9\U0001f1ea", "\U0001f44d\U0001f3fd ok", "a\u200db a\u200cb a\u200bb a\u2060b \ufeffa",
    "soft\u00adhyphen", "no\u00a0break\u202fspace\u3000wide\u2003em\u2028line\u2029par\u0085next\u1680ogham", "tab\tnew\nline\rreturn\r\nboth\x0bvt\x0cff", "a\x01b\x7fc\x80d\x9fe",
    "\ue000\uf8ff \U000f0000 \U0010fffd", "\u0378\u0379 \U0001ffff \uffff", "\u061c\u200e\u200f\u202a\u202e", "\u0600\u06dd\u070f", "\U000110bd\U0001d173", "\u180e\u1734\u166d",
    "\u061d\u0891\u0898 \u08e2", "\u2e52\u2e5d \u1b7d \U00011944", "\U000105c9\U00011938\U00016121", "\U0001e900\U0001e922 \U00010400 \U0001d400", "x" * 99, "x" * 100, "x" * 101, "a" * 5000,
    "\u00e9" * 100, "\u00e9" * 101, "e\u0301" * 100, "e\u0301" * 101, "\U0001f600" * 100, "\U0001f600" * 101, "\uac01" * 50, "z" * 47, "z" * 48, "z" * 49, "\u4e2d" * 200,
    "\u00e9" * 47 + "a", "\u00e9" * 48 + "a b", "ab" * 60 + "!", "\ud800", "a\udc00b", "\ud83d \ude00", "\udc00\ud800", "x\ud800y z", "\ud800[MASK]\udfff",
    "\u0958\u0929 \u0928\u093c", "\u0e01\u0e34\u0e33", "\u05d0\u05b7\u05d1", "\u0627\u064e\u0628", "$+<=>^`|~", "\u20ac\u00a3\u00a5\u00a9\u00ae\u2122", "\u00a1\u00bf\u00ab\u00bb\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u2030",
    "\u037e \u0387 \u1fef \u2000 \u2126 \u212a", "1\u0338 =\u0338 \u2260 <\u0338", "\u1e69 s\u0323\u0307 s\u0307\u0323", "\U0001d15f \U0001d1bb", "\u302e\u302f\uac00", "\u0f71\u0f72\u0f73",
]
seasoning = ["\u0301", "\u0327", "\u200d", "\ufe0f", "\x00", "\x01", "\xad", "\u200b", "\u00a0", "\u3000", "\u2028", ".", "-", "'", "[MASK]", "\u4e2d", "\U00020000", "\U0001f600", "\ufffd", "\ud800", "\t", "\n", "  "]
pools = [(0x20, 0x7F), (0x80, 0x250), (0x250, 0x400), (0x400, 0x700), (0x700, 0x1200), (0x1200, 0x2000), (0x2000, 0x2E80), (0x2E80, 0x3400), (0x3400, 0xA000),
         (0xA000, 0xD800), (0xE000, 0x10000), (0x10000, 0x12000), (0x12000, 0x1F000), (0x1F000, 0x20000), (0x20000, 0x32000), (0xE0000, 0xE0200)]


def change_case(text):
    return draw.choice([str.upper, str.title, str.swapcase, str.lower])(text)


def seasoned():
    letters = list(" ".join(draw.choice(words) for _ in range(draw.randrange(1, 25))))
    for _ in range(draw.randrange(1, 8)):
        letters.insert(draw.randrange(len(letters) + 1), draw.choice(seasoning))
    return "".join(letters)


def from_code_points():
    chosen = draw.sample(pools, draw.randrange(1, 4))
    return "".join(chr(draw.randrange(*draw.choice(chosen))) if draw.random() > 0.15 else draw.choice(" ,.a\u0301") for _ in range(draw.randrange(1, 60)))


texts = hand_written + own + [change_case(line) for line in own]
while len(texts) < COUNT:
    texts.append(draw.choice([seasoned, from_code_points, lambda: change_case(seasoned()), lambda: "".join(draw.choice(words) for _ in range(draw.randrange(1, 12)))])())


def to_utf8(text):
    """A lone surrogate becomes U+FFFD, as on every way into UTF-8."""
    return "".join("\ufffd" if 0xD800 <= ord(c) < 0xE000 else c for c in text)


def expected(tokenizer):
    cases = []
    for text in texts:
        encoding = tokenizer.encode(to_utf8(text), add_special_tokens=False)
        unit = [0]
        for character in text:
            unit.append(unit[-1] + (2 if ord(character) > 0xFFFF else 1))
        cases.append({"ids": encoding.ids, "words": encoding.word_ids, "starts": [unit[a] for a, _ in encoding.offsets], "ends": [unit[b] for _, b in encoding.offsets]})
    return {column: [case[column] for case in cases] for column in ("ids", "words", "starts", "ends")}


def ours(name, **options):
    vocabulary = (HERE / name).read_text(encoding="utf-8").split("\n")[:-1]
    tokenizer = Tokenizer(WordPiece({token: i for i, token in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer(**options)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.add_special_tokens(SPECIAL)
    return expected(tokenizer)


def code_point_hashes(**options):
    """Of every block of code points c: the words of `a c a` after normalization, hashed."""
    normalizer, split = BertNormalizer(**options), BertPreTokenizer()
    hashes = []
    for first in range(0, 0x110000, BLOCK):
        lines = []
        for code_point in range(first, first + BLOCK):
            if 0xD800 <= code_point < 0xE000:
                continue
            lines.append(" ".join(word for word, _ in split.pre_tokenize_str(normalizer.normalize_str(f"a{chr(code_point)}a"))))
        hashes.append(hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16])
    return hashes


reference = Tokenizer.from_file(sys.argv[1])
reference.no_truncation()
reference.no_padding()
options = dict(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True)
made = {
    "made": f"by make.py with Hugging Face tokenizers {tokenizers.__version__}, Python {platform.python_version()}",
    "texts": texts,
    "bert-base-uncased": expected(reference),
    "own-uncased": ours("own-uncased-vocab.txt", **options),
    "own-cased": ours("own-cased-vocab.txt", **{**options, "lowercase": False}),
    "own-with-accents": ours("own-uncased-vocab.txt", **{**options, "strip_accents": False}),
    "own-uncleaned": ours("own-cased-vocab.txt", **{**options, "lowercase": False, "clean_text": False, "handle_chinese_chars": False}),
    "code-points": {"uncased": code_point_hashes(**options), "cased": code_point_hashes(**{**options, "lowercase": False})},
}
with open(HERE / "cases.json.gz", "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as file:
    file.write(json.dumps(made, separators=(",", ":")).encode())
