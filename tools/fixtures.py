"""All fixtures that the tests compare with, made anew by PyTorch 2.13.

    PYTHON tools/fixtures.py            everything
    PYTHON tools/fixtures.py ops optim  tools/fixtures/ops.py and tools/fixtures/optim.py

PYTHON must have `torch` 2.13 (CPU) and `numpy`: the random streams, truncated normals and texts of other versions differ, so
they are refused. Every script of tools/fixtures/ writes its own files; each file records the version and the lines that made
it. Ends by naming the files that are no longer what they were.
"""

import hashlib
import json
import pathlib
import subprocess
import sys
import time

import torch

HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE.parent / "tests" / "fixtures"

if not torch.__version__.startswith("2.13"):
    raise SystemExit(f"these fixtures are PyTorch 2.13's, this is {torch.__version__}")


def fingerprints():
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(FIXTURES.rglob("*.json"))}


scripts = {path.stem: path for path in sorted((HERE / "fixtures").glob("*.py"))}
chosen = sys.argv[1:] or list(scripts)
for name in chosen:
    if name not in scripts:
        raise SystemExit(f"there is no tools/fixtures/{name}.py; there are {', '.join(scripts)}")

before = fingerprints()
for name in chosen:
    start = time.time()
    subprocess.run([sys.executable, "-W", "ignore", str(scripts[name])], check=True)
    print(f"{name}: {time.time() - start:.0f} s")

after = fingerprints()
for path in after:
    recorded = json.loads(path.read_text()).get("torch", "")
    if not recorded.startswith("2.13"):
        raise SystemExit(f"{path.relative_to(FIXTURES)} was made by PyTorch {recorded or 'nobody knows which'}")
changed = [str(path.relative_to(FIXTURES)) for path in after if before.get(path) != after[path]]
print(f"{len(after)} files, {sum(path.stat().st_size for path in after) / 1e6:.1f} MB; changed: {', '.join(changed) or 'none'}")
