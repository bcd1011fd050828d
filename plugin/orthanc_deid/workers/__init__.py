"""Where tasks run: process pools, scheduling, crash isolation, and results on demand."""
