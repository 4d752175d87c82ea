"""Decode mutated pictures, and report what is neither a picture nor a refusal, in time and memory.

    python -m benchmarks.fuzz [--count N] [--seed N] [--seconds N]

Pictures of every format are made in code and mutated; the same seed makes the same ones. They are
decoded in a child process, in batches: one that dies or hangs is started again behind the culprit,
which is kept in the folder given by ``--keep``.
"""
