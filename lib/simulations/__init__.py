"""Small computations behind figures and numbers of chapters: random networks, a few steps by hand.

Each takes seconds and is kept, so that a figure, a sentence and an exercise share it; what takes
longer is stored by `lib.experiments`. A module is named after the page that it belongs to, and is
imported by its name::

    from lib.simulations import relu

    silent, dead, likeness = relu.census(0.0, 1.4142)

`lib.figures` draws what is found here and computes nothing itself.
"""
