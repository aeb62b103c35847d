"""How much differential privacy a generator can at most have: lower bounds on its parameters, one method a file.

Every bound holds with the confidence asked for if its conditions hold; a bound of 0 proves nothing either way.
"""
