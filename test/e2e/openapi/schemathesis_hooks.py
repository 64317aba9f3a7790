# What the OpenAPI document says by a format of its own, in Schemathesis' words.
import schemathesis
from hypothesis import strategies

# At most 30 days in all, above nothing.
schemathesis.openapi.format(
    "pause-duration",
    strategies.one_of(
        strategies.integers(1, 2_592_000_000).map(lambda value: f"{value}ms"),
        strategies.integers(1, 2_592_000).map(lambda value: f"{value}s"),
        strategies.integers(1, 43_200).map(lambda value: f"{value}m"),
        strategies.integers(1, 720).map(lambda value: f"{value}h"),
        strategies.integers(1, 30).map(lambda value: f"{value}d"),
        strategies.tuples(strategies.integers(0, 3), strategies.integers(0, 6), strategies.integers(1, 23)).map(
            lambda parts: "{}w{}d{}h".format(*parts)
        ),
    ),
)
