"""Benchmarks (`make bench`): the engine and the verifier beside a raw copy and other tools, as ratios in one run."""
