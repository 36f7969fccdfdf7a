"""Reports of use to the registry: batches of what the ledger tallied, and what the registry says of them."""
