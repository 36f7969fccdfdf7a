"""What registries sign for this box: leases of models, countersignatures of grants."""
