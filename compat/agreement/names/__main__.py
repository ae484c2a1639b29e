"""Write the page of names."""

from .page import PAGE, page

PAGE.write_text(page(), encoding="utf-8")
