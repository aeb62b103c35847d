"""Does the evaluator tell the truth? Releases whose leak is known by construction, and the laws it must keep on them.

A *subject* (the house's own attacks and statistics, or an estimator known to be wrong) reads every replicate of a
*scenario*; *laws* turn its readings into *findings*, each a figure against a bar; a *card* says of one attack what it
was tested on, what it cannot see, and how many people it needs.
"""
