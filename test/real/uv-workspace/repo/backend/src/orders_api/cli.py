"""The command `orders`."""

import os

import click
from itsdangerous import Signer
from orders_core import Money

from .exporters import exporter

ORDERS = [("tea", Money(450)), ("bread", Money(320))]


@click.command()
@click.option("--format", "name", default="text")
@click.option("--signed", is_flag=True)
def main(name: str, signed: bool) -> None:
    text = exporter(name)(ORDERS)
    if signed:
        text = Signer(os.environ["ORDERS_KEY"]).sign(text.strip()).decode()
    click.echo(text, nl=signed)
