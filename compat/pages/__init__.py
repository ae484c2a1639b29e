"""Reports as HTML: one file each, which needs no other; the parts that they share."""
