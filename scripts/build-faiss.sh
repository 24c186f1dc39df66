#!/usr/bin/env bash
# Compiles faiss-node against the system's libfaiss where its own binary could not be downloaded (npm then leaves the package out).
# Nothing to do when faiss-node loads; run it after each `npm ci`, which removes what was compiled. Needs g++, libfaiss-dev, a BLAS and
# Node's headers; as root on Debian or Ubuntu it installs the two libraries. Where it cannot, it says why in one line and exits with 0,
# or with 1 under FAISS_REQUIRED=1: the kinds exact and hnsw do not need faiss.
set -euo pipefail
cd "$(dirname "$0")/.."

loads() {
  node -e 'const { IndexFlatIP } = require("faiss-node"); const index = new IndexFlatIP(2); index.add([1, 0, 0, 1]);
    process.exit(index.search([0, 1], 1).labels[0] === 1 ? 0 : 1)' >/dev/null 2>&1
}
skip() {
  echo "faiss-node: not built: $1" >&2
  exit "${FAISS_REQUIRED:-0}"
}

if loads; then
  echo "faiss-node: ready"
  exit 0
fi
[ "$(uname -s)" = Linux ] || skip "no recipe for $(uname -s)"
command -v g++ >/dev/null || skip "g++ is missing"
if ! [ -f /usr/include/faiss/Index.h ]; then
  { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; } || skip "libfaiss is missing; install libfaiss-dev and libopenblas-dev"
  echo "faiss-node: installing libfaiss-dev and libopenblas-dev"
  apt-get update -qq >/dev/null 2>&1 || skip "apt-get update failed"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libfaiss-dev libopenblas-dev >/dev/null 2>&1 ||
    skip "apt-get install failed"
fi
headers="$(node -p 'process.config.variables.nodedir || require("path").resolve(process.execPath, "../..")')/include/node"
[ -f "$headers/node_api.h" ] || headers="${NODE_HEADERS:-/usr/include/node}"
[ -f "$headers/node_api.h" ] || skip "Node's headers were not found; say where with NODE_HEADERS"

# The published sources. node-addon-api 8 instead of the package's 6: with CPP_EXCEPTIONS_ALL an error of faiss becomes one of JavaScript,
# where it would end the process.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unpack() { # name@version, folder
  local archive
  archive=$(npm pack --silent --pack-destination "$scratch" "$1" 2>/dev/null | tail -1)
  [ -n "$archive" ] || skip "npm pack $1 failed"
  mkdir -p "$2"
  tar xzf "$scratch/$archive" -C "$2" --strip-components=1
}
unpack node-addon-api@8.9.2 "$scratch/node-addon-api"
for package in faiss-node@0.5.1 bindings@1.5.0 file-uri-to-path@1.0.0; do
  folder="node_modules/${package%@*}"
  [ -f "$folder/package.json" ] || unpack "$package" "$folder"
done

# libfaiss before 1.7.4 has no faiss::idx_t.
cat >"$scratch/idx_t.h" <<'H'
#include <faiss/Index.h>
#if FAISS_VERSION_MAJOR == 1 && FAISS_VERSION_MINOR == 7 && FAISS_VERSION_PATCH < 4
namespace faiss { using idx_t = Index::idx_t; }
#endif
H
release=node_modules/faiss-node/build/Release
mkdir -p "$release"
g++ -O2 -std=c++17 -fPIC -shared -fopenmp -include "$scratch/idx_t.h" \
  -DNAPI_VERSION=8 -DNODE_ADDON_API_CPP_EXCEPTIONS_ALL -DNODE_GYP_MODULE_NAME=faiss_node \
  -I"$scratch/node-addon-api" -I"$headers" node_modules/faiss-node/src/faiss.cc \
  -o "$release/faiss-node.node" -lfaiss -llapack -lblas >"$scratch/log" 2>&1 || skip "$(grep -m1 -E 'error|cannot find' "$scratch/log" || echo "the compiler failed")"
loads || skip "it was compiled and does not load"
echo "faiss-node: compiled against the system's libfaiss"
