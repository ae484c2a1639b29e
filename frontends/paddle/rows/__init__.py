"""Rows: what each of Paddle's names is called, what computes it, and which words differ; one module for each idea."""
