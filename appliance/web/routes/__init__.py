"""Routes of pages, one module a page."""
