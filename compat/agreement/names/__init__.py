"""Names: what the releases call them and what they answer, beside what the front ends do."""
