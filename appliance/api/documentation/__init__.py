"""The API described: a row of each endpoint, the OpenAPI document made of them, and a page for people."""
