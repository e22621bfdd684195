#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What Prometheus' own parsers make of cipadm metrics.

metrics.py parse FILE              "family NAME TYPE UNIT" and "NAME LABEL=VALUE... VALUE", one on a line
metrics.py dashboard FILE JSON     the dashboard's metrics that the file does not have
metrics.py get URL                 what an exporter answers, once it does
"""

import json
import re
import sys
import time
import urllib.error
import urllib.request

from prometheus_client import parser as prometheus
from prometheus_client.openmetrics import parser as openmetrics

TRIES = 200


def read(path):
    """Families of a file; not OpenMetrics: an exception."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    families = list(openmetrics.text_string_to_metric_families(text))
    samples = [sample for family in families for sample in family.samples]
    keys = [(each.name, tuple(sorted(each.labels.items())))
            for each in samples]
    if len(set(keys)) < len(keys):
        raise ValueError("two samples with the same labels")
    old = [(each.name, tuple(sorted(each.labels.items())), each.value)
           for family in prometheus.text_string_to_metric_families(text)
           for each in family.samples]
    if sorted(old) != sorted((*key, each.value)
                             for key, each in zip(keys, samples)):
        raise ValueError("it reads differently as Prometheus' text format")
    return families


def parse(path):
    """Prints what is there."""
    for family in read(path):
        if not family.documentation:
            raise ValueError(f"{family.name} has no HELP")
        print("family", family.name, family.type, family.unit or "-")
        for sample in family.samples:
            labels = [f"{name}={value}"
                      for name, value in sorted(sample.labels.items())]
            print(sample.name, *labels, f"{sample.value:g}")


def dashboard(path, dashboard_path):
    """Prints names in queries that no sample has."""
    have = {sample.name for family in read(path) for sample in family.samples}
    with open(dashboard_path, encoding="utf-8") as file:
        board = json.load(file)
    queries = [target["expr"] for panel in board["panels"]
               for target in panel["targets"]]
    queries += [each["query"] for each in board["templating"]["list"]]
    asked = set(re.findall(r"\bclusterip_\w+", " ".join(queries)))
    print(f"{len(asked)} asked")
    for name in sorted(asked - have):
        print(name)


def get(url):
    """Prints a page."""
    for _ in range(TRIES):
        try:
            with urllib.request.urlopen(url) as page:
                print(page.read().decode())
                return
        except urllib.error.URLError:
            time.sleep(0.05)
    raise TimeoutError(url)


{"parse": parse, "dashboard": dashboard, "get": get}[sys.argv[1]](*sys.argv[2:])
