"""What an answer is kept to: the writing of grammars, and the following of them with llguidance.

``writing`` makes the text of a grammar, ``matching`` follows it, and it alone imports the library.
"""
