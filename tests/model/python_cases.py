"""What ini_python.py and toml_python.py have in common: documents, and what Python says."""

import json
import random
import sys

FIRST_SEED, SEEDS = 1, 40


def write(cases, document, answer):
    """So many documents for each seed: a JSON object to a line, as python_answers.h reads it."""
    for seed in range(FIRST_SEED, FIRST_SEED + SEEDS):
        rng = random.Random(seed)
        for _ in range(cases):
            data = document(rng)
            json.dump({"hex": data.hex(), "answer": answer(data)}, sys.stdout)
            sys.stdout.write("\n")
