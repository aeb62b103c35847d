"""Rulers from the user's own tables, on which the result of every attack is read as a number of people.

Real people of the original are *planted* in the release, which tells what one published person is worth to each attack;
a *perfect release*, one half of the control standing in as the release, leaks nothing about the training people by
construction. From both follow the number of people a result is worth, and the smallest leak the run would have noticed.
"""

from synthprivacy.rulers.ladder import Ladder
from synthprivacy.rulers.membership import ladder
from synthprivacy.rulers.reading import floor, joint, read, series
from synthprivacy.rulers.ruler import guess_rulers, ruler

__all__ = ["Ladder", "floor", "guess_rulers", "joint", "ladder", "read", "ruler", "series"]
