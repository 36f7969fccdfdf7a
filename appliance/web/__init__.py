"""The pages for people: one page app beside the API, on the same socket."""
