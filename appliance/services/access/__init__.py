"""Tiers of models: agreements and signatures, applications, grants, countersignatures, early groups."""
