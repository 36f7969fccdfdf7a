"""Who may use which model: tiers, agreements, grants, early groups, and who may decide about them. Pure."""
