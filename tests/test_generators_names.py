"""What generators are called on a command line."""

import pyarrow as pa
import pytest

from synthprivacy.errors import ConfigError
from synthprivacy.generators import (
    GENERATORS,
    Command,
    Copier,
    GaussianCopula,
    IndependentMarginals,
    SDVSynthesizer,
    SequentialCART,
    SmoothedBootstrap,
    named,
)


@pytest.mark.parametrize(
    ("spec", "generator"),
    [
        ("copula", GaussianCopula()),
        (" marginals ", IndependentMarginals()),
        ("cart:minbucket=7", SequentialCART(7)),
        ("cart:1:minsplit=2", SequentialCART(1, 2)),
        ("bootstrap:0", SmoothedBootstrap(0)),
        ("copier:share=0.2:base=marginals", Copier(0.2, IndependentMarginals())),
        ("sdv:CTGAN:epochs=10", SDVSynthesizer("CTGAN", 10)),
        ("cmd:make: {train} -> {out}", Command("make: {train} -> {out}")),
    ],
)
def test_names_on_the_command_line(spec, generator):
    """A name and its parameters stand for a generator."""
    assert named(spec) == generator


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("copla", "'copla' is unknown; did you mean 'copula'"),
        ("xyz123", "choose from bootstrap, cart"),
        ("", "is unknown"),
        ("cart:minbuckt=3", "no parameter 'minbuckt'; did you mean 'minbucket'"),
        ("cart:minbucket=few", "minbucket of generator cart must be a whole number, not 'few'"),
        ("bootstrap:h=nan", "must be a number"),
        ("cart:1:2:3", "no parameter '3'"),
        ("cart:1:minbucket=2", "given twice"),
        ("copula:x=1", "it has none"),
        ("copier", "needs share; write copier:share="),
        ("copier:0.1:base=copla", "did you mean 'copula'"),
        ("dp-histogram:1:domain=/no/such.toml", "cannot be read"),
        ("sdv:GAN", "SDV's synthesizers are"),
        ("sdv:GaussianCopula:epochs=3", "belong to networks"),
        ("cmd:", "must name"),
    ],
)
def test_names_that_mean_nothing(spec, message):
    """An unknown name or parameter is refused with the nearest known one."""
    with pytest.raises(ConfigError, match=message):
        named(spec)


def test_every_registered_generator_can_be_made(tmp_path):
    """Each line of the registry leads to a class that has a name and can be asked."""
    (tmp_path / "domain.toml").write_text("[x]\nlow = 0\nhigh = 5\n", encoding="utf-8")
    domain = f"1:domain={tmp_path / 'domain.toml'}"
    needed = {"cmd": "make {train} {out}", "copier": "0.1", "memoriser": "0.1", "outliers": "0.1",
              "dp-broken": "domain:1", "dp-histogram": domain, "dp-pairs": domain}  # fmt: skip

    for name in GENERATORS:
        generator = named(f"{name}:{needed[name]}" if name in needed else name)
        assert generator.name
        assert callable(generator.fit_sample)
        if name not in {"cmd", "sdv"}:
            assert len(generator.fit_sample(pa.table({"x": [1, 2, 3]}), 4, 0)) == 4
