"""Benchmarks. Each prints a table, and JSON with --json."""
