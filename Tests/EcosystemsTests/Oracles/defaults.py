"""Prints what a Python library itself says of its pool settings: version, defaults, required and refused values.

usage: defaults.py asyncpg | sqlalchemy | psycopg_pool | psycopg2
"""
import inspect
import sys


def defaults(function, names):
    """names: the parameter, and the setting's name where it differs."""
    parameters = inspect.signature(function).parameters
    for name, setting in names.items():
        default = parameters[name].default
        if default is inspect.Parameter.empty:
            print("required", setting or name, "-")
        else:
            print("default", setting or name, default)


def probe(setting, value, make, refusals=(ValueError,)):
    try:
        make()
        print("accepted", setting, value)
    except refusals:
        print("refused", setting, value)


def asyncpg():
    import asyncio
    import asyncpg as library

    print("version", library.__version__, "-")
    defaults(library.create_pool, {"max_size": None, "min_size": None, "max_inactive_connection_lifetime": None})
    defaults(library.connect, {"timeout": None, "statement_cache_size": None})
    defaults(library.pool.Pool.acquire, {"timeout": "acquire_timeout"})

    async def probes():
        for setting, value in [("max_size", 0), ("max_size", 1), ("min_size", -1), ("min_size", 0),
                               ("max_inactive_connection_lifetime", -1), ("max_inactive_connection_lifetime", 0)]:
            sizes = {"min_size": 0, "max_size": 10, setting: value}
            probe(setting, value, lambda: library.create_pool(**sizes))

    asyncio.run(probes())


def sqlalchemy():
    import sqlalchemy as library
    from sqlalchemy.pool import Pool, QueuePool

    print("version", library.__version__, "-")
    defaults(QueuePool.__init__, {"pool_size": None, "max_overflow": None, "timeout": "pool_timeout"})
    defaults(Pool.__init__, {"recycle": "pool_recycle"})
    full = QueuePool(lambda: type("C", (), {"rollback": lambda self: None, "close": lambda self: None})(), 1, 0, timeout=0)
    held = full.connect()
    for setting, value in [("pool_timeout", -1)]:
        full._timeout = value
        probe(setting, value, full.connect)
    held.close()


def psycopg_pool():
    import psycopg_pool as library

    print("version", library.__version__, "-")
    names = ["max_size", "min_size", "timeout", "max_idle", "max_lifetime", "max_waiting"]
    # Newer releases declare a subclass's parameters apart from the base's; both have the same defaults.
    constructors = [c.__init__ for c in library.ConnectionPool.__mro__ if "timeout" in inspect.signature(c.__init__).parameters]
    defaults(constructors[0], {name: None for name in names})
    for setting, value in [("max_size", 0), ("min_size", -1), ("min_size", 0)]:
        sizes = {"min_size": 0, "max_size": 4, setting: value}
        probe(setting, value, lambda: library.ConnectionPool("", open=False, **sizes))


def psycopg2():
    import psycopg2 as library
    from psycopg2 import pool

    print("version", library.__version__.split()[0], "-")
    defaults(pool.ThreadedConnectionPool.__init__, {"minconn": None, "maxconn": None})


{"asyncpg": asyncpg, "sqlalchemy": sqlalchemy, "psycopg_pool": psycopg_pool, "psycopg2": psycopg2}[sys.argv[1]]()
