"""Transformers as they are simulated: how many blocks of which kind, and how they are scaled."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, fields, replace

from lib._checks import boolean, choice, instance, integer, real
from lib.attention._block import Block
from lib.initializers import Initializer

SCALINGS = ("none", "1/sqrt(2N)", "gpt2", "rezero", "deepnorm")


@dataclass(frozen=True)
class Scaling:
    r"""How the branches of a deep transformer are scaled.

    Attributes
    ----------
    skip : float
        :math:`\alpha`, what the skip connection is multiplied by.
    branch : float
        :math:`s`, what a branch is multiplied by in every pass.
    gain : float
        Factor of the first weights, but for those of queries and keys.
    output_gain : float
        Factor of the first weights of the last matrix of each branch.
    """

    skip: float = 1.0
    branch: float = 1.0
    gain: float = 1.0
    output_gain: float = 1.0

    def __post_init__(self) -> None:
        """Check the numbers."""
        for field in fields(self):
            object.__setattr__(
                self, field.name, real(field.name, getattr(self, field.name), least=0)
            )


def scaling(name: str, blocks: int) -> Scaling:
    r"""Make one of the scalings that are in use.

    Parameters
    ----------
    name : {"none", "1/sqrt(2N)", "gpt2", "rezero", "deepnorm"}
        ``"1/sqrt(2N)"`` scales the branches of all :math:`2N` halves in every pass, ``"gpt2"``
        their last matrix at the start only. ``"rezero"`` begins with branches of scale 0.
        ``"deepnorm"`` multiplies the skip connection by :math:`(2N)^{1/4}` and the first weights
        by :math:`(8N)^{-1/4}`, as for a transformer that is only an encoder or only a decoder.
    blocks : int
        :math:`N`, at least 1.

    Returns
    -------
    Scaling

    References
    ----------
    Radford et al., "Language Models are Unsupervised Multitask Learners", 2019, section 2.3;
    Bachlechner et al., "ReZero is All You Need", UAI 2021; Wang et al., "DeepNet: Scaling
    Transformers to 1,000 Layers", arXiv:2203.00555, 2022, figure 2.

    Notes
    -----
    Used in: ``book/attention.md``.

    Examples
    --------
    >>> from lib import attention
    >>> attention.scaling("deepnorm", 8)
    Scaling(skip=2.0, branch=1.0, gain=0.3535533905932738, output_gain=1.0)
    """
    choice("name", name, SCALINGS)
    halves = 2 * integer("blocks", blocks, 1)
    made = {
        "none": Scaling(),
        "1/sqrt(2N)": Scaling(branch=halves**-0.5),
        "gpt2": Scaling(output_gain=halves**-0.5),
        "rezero": Scaling(branch=0.0),
        "deepnorm": Scaling(skip=halves**0.25, gain=(4 * halves) ** -0.25),
    }
    return made[str(name)]


@dataclass(frozen=True)
class Transformer:
    r"""A stack of blocks of one kind at its start.

    What a block does stands in its :class:`Block`, so that a network reads as a sentence:
    ``Transformer(24, Block(64, heads=4, activation="relu"), scaling="gpt2")``.

    Parameters
    ----------
    blocks : int
        Number of blocks :math:`N`, at least 1.
    block : Block
        Settings of each. Its skip and branch scale must be 1, because `scaling` sets them.
    tokens : int
        Tokens of a sequence, at least 1. Default 16.
    scaling : Scaling or str
        How branches are scaled, or the name of one that `lib.attention.scaling` makes.
    score_gain : float
        Factor of queries and keys together at the start. Default 1.
    final_norm : bool, optional
        Whether the stream is normalized after the last block. Default: if the blocks normalize
        before their branches.
    initializer : Initializer, optional
        Of all matrices. Default Xavier's, from a normal distribution.

    Raises
    ------
    TypeError, ValueError
        If a parameter is not as described.

    Notes
    -----
    Used in: ``book/attention.md``.

    Examples
    --------
    >>> from lib import attention
    >>> network = attention.Transformer(8, attention.Block(32, heads=4), scaling="deepnorm")
    >>> network.scales.skip, network.scaled_block.skip_scale
    (2.0, 2.0)
    """

    blocks: int
    block: Block
    _: KW_ONLY
    tokens: int = 16
    scaling: Scaling | str = "none"
    score_gain: float = 1.0
    final_norm: bool | None = None
    initializer: Initializer | None = None

    def __post_init__(self) -> None:
        """Check the parameters."""
        blocks = integer("blocks", self.blocks, 1)
        block = instance("block", self.block, Block, "a lib.attention.Block")
        if (block.skip_scale, block.branch_scale) != (1.0, 1.0):
            raise ValueError(
                "block must have a skip_scale and a branch_scale of 1, which scaling sets; got "
                f"{block.skip_scale} and {block.branch_scale}"
            )
        if isinstance(self.scaling, str):
            choice("scaling", self.scaling, SCALINGS)
        else:
            instance("scaling", self.scaling, Scaling, "a name or a Scaling")
        if self.initializer is not None:
            instance("initializer", self.initializer, Initializer, "made by lib.initializers")
        checked = {
            "blocks": blocks,
            "tokens": integer("tokens", self.tokens, 1),
            "score_gain": real("score_gain", self.score_gain, least=0),
            "final_norm": (
                None if self.final_norm is None else boolean("final_norm", self.final_norm)
            ),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def scales(self) -> Scaling:
        """The factors of its scaling."""
        if isinstance(self.scaling, str):
            return scaling(self.scaling, self.blocks)
        return self.scaling

    @property
    def scaled_block(self) -> Block:
        """The block, with the scales of skip connection and branches."""
        return replace(self.block, skip_scale=self.scales.skip, branch_scale=self.scales.branch)

    @property
    def normalizes_last(self) -> bool:
        """Whether the stream is normalized after the last block."""
        return self.block.placement == "pre" if self.final_norm is None else self.final_norm
