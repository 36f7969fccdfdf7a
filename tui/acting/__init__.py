"""Having actions of the table carried out: asked for, confirmed by what can be lost, shown."""
