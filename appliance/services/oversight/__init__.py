"""Someone looks: tripwires over counts, the incidents that they open, and the people who decide on those."""
