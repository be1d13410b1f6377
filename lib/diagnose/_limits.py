"""What is still healthy, in numbers, and where each limit comes from."""

from __future__ import annotations

# Updates of about a thousandth of the weights per step train well. A layer with a thousandth of
# the last layer's gradient then moves by a millionth, and needs a million steps to move by its own
# size (Glorot & Bengio 2010 saw training slow down over smaller differences between layers).
VANISHED, EXPLODED = 1e-3, 1e3
# Beyond a factor of a million, no learning rate moves the first layer and leaves the last stable.
SEVERE = 1e6
# Over a hundred steps a healthy state keeps its gradient within a factor of a hundred.
EXPLODED_IN_TIME = 1e2
# One step of 2**-24: what a float32 sum of the time steps' gradients keeps of the smallest.
LOST_IN_TIME = 2.0**-24
# Units with a symmetric pre-activation are silent for one input in two. If all inputs are alike,
# half of the units are therefore silent for all of them; more than that is not chance.
# The biases of dead units make inputs alike in turn, so what is a little more than half is noted.
DEAD, DEAD_IF_ALIKE, DEAD_NOTED, FEW = 0.5, 0.75, 0.55, 8
# Functions that cut off what is below 0.
RECTIFIED = ("relu", "relu6")
# A layer of which nothing is left.
ALL = 0.999
# Tanh of a standard normal number is saturated for 3% of the inputs, and of one with twice the
# standard deviation for 27%.
SATURATED = 0.5
# Healthy signals change by less than a factor of ten over a network; see `lib.theory`.
SHRUNK, GROWN = 1e-3, 1e2
# Inputs are best standardized (LeCun et al. 1998, section 4.3). Pixels from 0 to 255 have a root
# mean square above 100.
INPUT_LEAST, INPUT_MOST = 1e-2, 30.0
# A cosine of 0.9999 leaves 1.4% of the signal to tell two inputs apart.
ALIKE = 0.9999
# Micikevicius et al. 2018 (section 3.2): a detector lost 31% of its activation gradients to zero
# in float16 and did not train. At their start healthy networks lose up to 3% of a layer.
UNDERFLOWED = 0.1
# Identical units have the difference 0, up to rounding; units drawn at random have about 1.
IDENTICAL = 1e-4
# A millionth a step needs a million steps. Adam's first step moves every weight by the learning
# rate, a tenth of a typical weight in wide layers, which still trains.
UPDATE_LEAST, UPDATE_USUAL, UPDATE_MOST = 1e-6, 1e-3, 0.3
# What a mean counts once; a sum of halves of squares counts every input by one half.
SUMMED, FEWEST_SAMPLES = 0.45, 4
# With independent branches of equal size the stream grows as the root of their number.
STREAM_GROWTH, FEWEST_SUMS = 5.0, 4
# Of a block two sums are normalized, of the last one perhaps only the first. Twelve blocks train
# without warm-up at Adam's usual rate of 0.001, and twenty-four only at a tenth of it; eighteen
# diverged in translation (Liu et al. 2020, section 3). Between the blocks the gradient of a healthy
# stream changes by less than a factor of ten.
POST_NORM_NOTED, POST_NORM_SUMS, POST_NORM_SEVERE, POST_NORM_FALL = 23, 35, 47, 0.1

# Without residual connections batch normalization multiplies the gradient of ReLU layers by 1.21
# each (Yang et al. 2019), which is more than a factor of a hundred over thirty layers.
NORMALIZED = 30
