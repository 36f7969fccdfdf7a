"""``bundle create`` and ``bundle install``: models carried from box to box without a network."""
