"""The command line."""

import click

from . import __version__
from .carriers import carriers
from .tables import render


@click.command()
@click.argument("grams", type=int)
@click.option("--format", "form", type=click.Choice(["text", "yaml"]), default="text")
@click.version_option(__version__, prog_name="parcel-rates")
def main(grams: int, form: str) -> None:
    prices = {name: each.cents(grams) for name, each in carriers().items()}
    click.echo(render(prices, form), nl=False)
