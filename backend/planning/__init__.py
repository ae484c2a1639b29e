"""Which algorithm runs a case: what is predicted, what was measured, and the faults of torch that are avoided."""
