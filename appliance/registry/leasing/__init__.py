"""Who may serve which model, until when, and how that is taken back."""
