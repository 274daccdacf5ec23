"""Reads pages of metrics with prometheus_client, one a file named on standard input, and prints what it reads.

A line a sample: name, labels sorted, value, each as JSON. A page that it refuses gives `refused`. After each page: `end`.
"""
import json
import math
import sys

from prometheus_client.parser import text_string_to_metric_families


def shown(value):
    return "nan" if math.isnan(value) else repr(float(value))


for path in sys.stdin.read().split("\n"):
    if not path:
        continue
    try:
        with open(path, encoding="utf-8", newline="") as file:
            families = list(text_string_to_metric_families(file.read()))
        for family in families:
            for sample in family.samples:
                labels = sorted(sample.labels.items())
                print(json.dumps([sample.name, labels, shown(sample.value)], ensure_ascii=False))
    except Exception:
        print("refused")
    print("end")
