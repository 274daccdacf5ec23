"""Reads every given TOML file with Python's tomllib and prints its settings, tab-separated.

usage: toml.py CORPUS
  file NAME good|bad
  value NAME PATH TEXT            (newlines, tabs and backslashes escaped)
"""
import pathlib, re, sys, tomllib


def escaped(text):
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")


def path(parts):
    for index in range(len(parts) - 2, -1, -1):
        if parts[index] in ("env", "environment", "vars"):
            parts = parts[index + 1:]
            break
    return ".".join(p if re.fullmatch(r"[A-Za-z0-9_-]+", p) else f'"{p}"' for p in parts)


def shown(value):
    if isinstance(value, str) and not isinstance(value, Float):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(map(shown, value)) + "]"
    return plain(value)


def plain(value):
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


class Float(str):
    pass


def flatten(parts, value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flatten(parts + [key], inner)
    elif isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        for index, inner in enumerate(value):
            yield from flatten(parts + [str(index)], inner)
    else:
        yield path(parts), shown(value) if isinstance(value, list) else plain(value)


for file in sorted(pathlib.Path(sys.argv[1]).glob("*.toml")):
    try:
        table = tomllib.loads(file.read_bytes().decode(), parse_float=lambda text: Float(text.replace("_", "")))
    except tomllib.TOMLDecodeError:
        print("file", file.stem, "bad", sep="\t")
        continue
    print("file", file.stem, "good", sep="\t")
    for name, value in flatten([], table):
        print("value", file.stem, escaped(name), escaped(value), sep="\t")
