"""Runs as lines, and as a table of medians."""

from statistics import median

COLUMNS = ["forwarder", "runs", "readings/s", "whole", "CPU-s/M", "QuestDB CPU-s/M", "peak MB", "contents"]


def million(result, seconds):
    """CPU seconds per million readings."""
    return seconds / result.readings * 1e6


def line(result):
    """One run."""
    if result.fault:
        return f"{result.name}: {result.fault}"
    server = "-" if result.server_cpu is None else f"{million(result, result.server_cpu):.2f}"
    return (
        f"{result.name}: {result.rate:,.0f} readings/s, whole {result.whole:,.0f}, CPU-s per million "
        f"{million(result, result.cpu):.2f}, QuestDB {server}, peak {result.peak:.0f} MB"
    )


def middle(results, of):
    """The median of the runs that were right; None if there is none."""
    values = [of(result) for result in results if result.fault is None and of(result) is not None]
    return median(values) if values else None


MEASURES = [
    (lambda r: r.rate, "{:,.0f}"),
    (lambda r: r.whole, "{:,.0f}"),
    (lambda r: million(r, r.cpu), "{:.2f}"),
    (lambda r: None if r.server_cpu is None else million(r, r.server_cpu), "{:.2f}"),
    (lambda r: r.peak, "{:.0f}"),
]


def table(runs):
    """A Markdown table of medians; below it how each compares with the first."""
    names = sorted({result.name for result in runs}, key=lambda name: [r.name for r in runs].index(name))
    by_name = {name: [result for result in runs if result.name == name] for name in names}
    medians = {name: [middle(results, of) for of, _ in MEASURES] for name, results in by_name.items()}
    rows = [COLUMNS, ["---"] * len(COLUMNS)]
    for name, results in by_name.items():
        right = sum(result.fault is None for result in results)
        cells = ["-" if value is None else form.format(value) for value, (_, form) in zip(medians[name], MEASURES)]
        rows.append([name, str(len(results)), *cells, f"right in {right} of {len(results)}"])
    lines = [" | ".join(["", *row, ""]).strip() for row in rows]
    ours, *others = names
    for other in others:
        ratios = [
            f"{a / b:.2f} of its {column}"
            for a, b, column in zip(medians[ours], medians[other], COLUMNS[2:])
            if a is not None and b
        ]
        if ratios:
            lines.append(f"\n{ours} against {other}: " + ", ".join(ratios) + ".")
    return "\n".join(lines)
