"""Class lists: CSV files as course systems export them, read into students and problems. Pure."""
