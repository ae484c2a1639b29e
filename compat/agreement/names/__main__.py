"""Write the page of names, and take what has become idle out of the tables of reasons."""

from .page import PAGE, page, prune

prune()
PAGE.write_text(page(), encoding="utf-8")
