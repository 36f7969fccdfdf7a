"""What the registry's people do: let boxes in, lease, take back, ask. Each act is a row of the audit."""
