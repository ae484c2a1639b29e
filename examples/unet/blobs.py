"""Volumes to learn from: a bright ball in noise, and where the ball is. NumPy alone, Python 3.7 and later."""

import numpy as np

SHAPE = (8, 16, 20)  # D, H, W: all different, so that no swapped axes go unseen


def blobs(seed, count=2):
    """Draw noisy volumes and the masks of their balls: two float32 arrays (count, 1, D, H, W)."""
    random = np.random.RandomState(seed)
    grid = np.stack(np.meshgrid(*map(np.arange, SHAPE), indexing="ij"))
    centers = random.uniform(4, np.array(SHAPE) - 4, (count, 3))
    radii = random.uniform(2.5, 4.5, count)
    distances = np.sqrt(((grid[None] - centers[:, :, None, None, None]) ** 2).sum(1, keepdims=True))
    masks = (distances < radii[:, None, None, None, None]).astype("float32")
    return (masks + random.normal(0, 0.5, masks.shape)).astype("float32"), masks
