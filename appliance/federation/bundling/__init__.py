"""What box and registry say to each other as files on a stick: a tar of the very same tokens."""
