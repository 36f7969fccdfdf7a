"""The SQL of the schema's steps, by what it is about. A text that was released is never changed."""
