"""Parts of files from outside, by blocking HTTP/1.1 with ranges: for the process that downloads, no other.

What comes is never trusted here, only counted; whoever asked knows its hash.
"""
