"""Persons, projects and who belongs to which: known without a query, changed by operators and leads."""
