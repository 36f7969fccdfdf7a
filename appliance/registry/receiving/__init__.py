"""What boxes say to the registry: checked, carried out in one transaction each, answered signed."""
