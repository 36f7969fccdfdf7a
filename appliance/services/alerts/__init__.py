"""Tells who runs the box what they should hear of, by mail or webhook. Nothing ever waits for it."""
