"""What the box does, in numbers: counted where it happens, told when somebody asks."""
