"""What pandas says of a device: reads a CSV file as the dashboard exports it, prints a JSON object.

Statistics, energy by trapezoids and correlation as the page has them; histograms of 20 bins with 10 places of their
density; and the anomalies of the replaced system's demo. Of all readings.
"""

import argparse
import json

import numpy as np
import pandas as pd

DEMO = {"current": ("value_based", 22.67, 90.21), "voltage": ("quantile", 0.12, 0.67)}


def describe(values):
    return {
        "count": int(values.count()),
        "mean": values.mean(),
        "std": values.std(),
        "min": values.min(),
        "max": values.max(),
        "median": values.median(),
    }


def energy_kwh(power):
    power = power.dropna()
    hours = (power.index - power.index[0]) / pd.Timedelta(hours=1)
    return float(np.trapezoid(power.to_numpy(), hours.to_numpy())) / 1000


def distribution(values):
    values = values.dropna().to_numpy()
    counts, edges = np.histogram(values, bins=20)
    # Scott's rule, as in SciPy's gaussian_kde.
    bandwidth = values.std(ddof=1) * len(values) ** -0.2
    density = {}
    for place in range(0, 200, 20):
        at = values.min() + (values.max() - values.min()) * place / 199
        kernels = np.exp(-0.5 * ((at - values) / bandwidth) ** 2)
        density[place] = kernels.mean() / (bandwidth * np.sqrt(2 * np.pi))
    return {"counts": counts.tolist(), "edges": edges.tolist(), "density": [density.get(i) for i in range(200)]}


def demo(values, method, low, high):
    if method == "quantile":
        low, high = values.quantile(low), values.quantile(high)
    odd = values[(values < low) | (values > high)]
    return {"low": low, "high": high, "times": odd.index.strftime("%Y-%m-%d %H:%M:%S").tolist()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="a CSV file with a column timestamp")
    readings = pd.read_csv(parser.parse_args().file, parse_dates=["timestamp"]).set_index("timestamp")
    readings = readings.select_dtypes("number").rename(columns=lambda name: name.split(" (")[0])
    quantities = list(readings.columns)
    readings["power"] = readings["voltage"] * readings["current"]
    statistics = {name: describe(readings[name]) for name in readings}
    statistics["power"]["energy"] = energy_kwh(readings["power"])
    statistics["power"]["correlation"] = readings["voltage"].corr(readings["current"])
    print(json.dumps({
        "statistics": statistics,
        "distributions": {name: distribution(readings[name]) for name in quantities},
        "demo": {name: demo(readings[name].dropna(), *DEMO[name]) for name in DEMO},
    }))


if __name__ == "__main__":
    main()
