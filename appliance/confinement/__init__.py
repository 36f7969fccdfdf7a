"""What a child takes from itself before it touches what nobody vouches for: network, files, rights."""
