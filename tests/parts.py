"""`--part K/N` of a command that can do its work in parts."""


def add_part(parser, what):
    """Let `parser` take the slice of a list of `what`, as `options.part`."""
    text = f"every N-th {what}, from the K-th on"
    parser.add_argument("--part", type=part, metavar="K/N", default="1/1", help=text)


def part(text):
    first, step = map(int, text.split("/"))
    return slice(first - 1, None, step)
