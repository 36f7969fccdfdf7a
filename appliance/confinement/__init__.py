"""What a child process takes from itself before it touches what nobody vouches for: network, files, rights."""
