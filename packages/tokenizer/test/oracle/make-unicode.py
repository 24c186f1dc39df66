"""Writes src/unicode-tables.ts: the character classes of Hugging Face `tokenizers`' BertNormalizer and BertPreTokenizer,
found by asking them about every code point. (Its Rust crates carry older Unicode tables than Node does.)

    python test/oracle/make-unicode.py > src/unicode-tables.ts      # with tokenizers 0.23.3
"""

import tokenizers
from tokenizers.normalizers import NFD, BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

OFF = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
clean = BertNormalizer(**{**OFF, "clean_text": True})
ideographs = BertNormalizer(**{**OFF, "handle_chinese_chars": True})
strip = BertNormalizer(**{**OFF, "strip_accents": True})
split = BertPreTokenizer()
code_points = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def pieces(character):
    return [word for word, _ in split.pre_tokenize_str("a" + character + "a")]


tables = {
    "REMOVED": ("Characters that cleaning drops.", lambda c: clean.normalize_str(c) == ""),
    "WHITE_SPACE": ("Characters that part words.", lambda c: pieces(c) == ["a", "a"]),
    "PUNCTUATION": ("Characters that are words of their own.", lambda c: len(pieces(c)) == 3),
    "NONSPACING_MARK": ("Characters that are dropped with the accents.", lambda c: strip.normalize_str(c) == ""),
    "IDEOGRAPH": ("Chinese, Japanese and Korean ideographs.", lambda c: len(ideographs.normalize_str(c)) == 3),
}


def number(value):
    digits = ""
    while True:
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[value % 36] + digits
        value //= 36
        if value == 0:
            return digits


def ranges(members):
    found = []
    for c in members:
        if found and found[-1][1] == c - 1:
            found[-1][1] = c
        else:
            found.append([c, c])
    out, last = [], 0
    for first, end in found:
        out.append(number(first - last) + ("" if first == end else "." + number(end - first)))
        last = end
    return " ".join(out)


print(f"/**\n * Character classes of Hugging Face tokenizers {tokenizers.__version__}, written by test/oracle/make-unicode.py: do not edit.")
print(" * A table is a list of ranges in base 36: distance from the end of the range before, and `.` how many more follow.\n */\n")
for name, (meaning, belongs) in tables.items():
    print(f"/** {meaning} */")
    print(f'export const {name} =\n  "{ranges(c for c in code_points if belongs(chr(c)))}";\n')
nfd = NFD()

print("/** Characters with a canonical decomposition in Unicode 17 that the original leaves whole. */")
newer = [0x105C9, 0x105E4, 0x11383, 0x11385, 0x1138E, 0x11391, 0x113C5, 0x113C7, 0x113C8, 0x11938]
newer += [*range(0x16121, 0x16129), 0x16D68, 0x16D69, 0x16D6A]
assert all(nfd.normalize_str(chr(c)) == chr(c) for c in newer)
print(f'export const UNDECOMPOSED =\n  "{ranges(newer)}";')
