"""Who accepted which license, who may use which model, and that nobody else does."""
