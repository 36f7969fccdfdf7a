"""A serving benchmark for any address that speaks OpenAI's API."""
