"""The registry's own database: SQLite, or PostgreSQL by an address. One set of statements for both."""
