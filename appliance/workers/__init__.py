"""Child processes: the frames they speak, what runs inside them, who starts, watches and restarts them."""
