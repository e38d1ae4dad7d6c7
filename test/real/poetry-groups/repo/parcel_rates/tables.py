"""Prices as text, or as YAML where the extra is installed."""


def render(prices: dict[str, int], form: str = "text") -> str:
    if form == "yaml":
        import yaml

        return yaml.safe_dump(prices)
    return "".join(f"{name}: {cents / 100:.2f}\n" for name, cents in prices.items())
