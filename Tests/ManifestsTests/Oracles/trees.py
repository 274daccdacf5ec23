#!/usr/bin/env python3
"""Writes the documents of YAML files as PyYAML sees them: texts as texts, merge keys put in, keys in order.

One line a file: `=` and its documents, or `!` for what PyYAML refuses.
"""
import sys

import yaml

NULL, MERGE = "tag:yaml.org,2002:null", "tag:yaml.org,2002:merge"


class Loader(yaml.SafeLoader):
    """Everything is a text but null; tags are passed over."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag in (NULL, MERGE)]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def untagged(loader, _, node):
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


Loader.add_multi_constructor("!", untagged)


def written(value):
    if value is None:
        return "n"
    if isinstance(value, list):
        return "[" + "".join(map(written, value)) + "]"
    if isinstance(value, dict):
        fields = sorted((str(key), item) for key, item in value.items() if isinstance(key, str))
        return "{" + "".join(written(key) + written(item) for key, item in fields) + "}"
    return "".join(f"\\{ord(c):x};" if c in "\\'\n\r" or not c.isprintable() else c for c in f"<{value}>")


for path in sys.argv[1:]:
    try:
        with open(path, "rb") as file:
            documents = [value for value in yaml.load_all(file.read(), Loader) if value is not None]
        print("=" + "".join(map(written, documents)))
    except yaml.YAMLError:
        print("!")
