"""Mirrors `paddle.distribution`: torch's distributions, in Paddle's words, where they mean the same."""
