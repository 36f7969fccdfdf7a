"""What becomes of everything that needs the network while the box is offline, and once it is back."""
