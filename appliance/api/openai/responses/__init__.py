"""OpenAI's Responses API, without anything kept: each request brings the whole conversation."""
