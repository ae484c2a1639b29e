"""Mirrors `paddle.vision.transforms`: pictures as Pillow's images, tensors `(C, H, W)` and arrays `(H, W, C)`."""
