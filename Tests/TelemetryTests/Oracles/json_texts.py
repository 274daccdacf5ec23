"""Says of each text on standard input, one in hexadecimal digits a line, whether Python's json takes it as JSON."""
import json
import sys


def refuse(word):
    raise ValueError(word)


for line in sys.stdin:
    try:
        json.loads(bytes.fromhex(line.strip()).decode("utf-8-sig"), parse_constant=refuse)
        print("yes")
    except (ValueError, RecursionError):
        print("no")
