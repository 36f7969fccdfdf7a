"""What is done with logits whichever engine made them, in numpy: log-probabilities, what a request adds,
masks, the draw of a token. A row of logits is one place: a number for each token of the vocabulary.
"""
