"""Letters between labs: written, signed and sent by this box, and read where they are for it."""
