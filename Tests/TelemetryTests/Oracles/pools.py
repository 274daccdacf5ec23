"""Brings a real pool into a known state, and prints what an app would answer about it and what is true.

usage: pools.py psycopg_pool|sqlalchemy|asyncpg DSN
Two lines a state: the answer as JSON, and `name value` pairs of the truth.
"""
import asyncio
import json
import sys
import threading
import time


def say(answer, **truth):
    print(json.dumps(answer))
    print(" ".join(f"{name} {value}" for name, value in truth.items()))


def psycopg_pool(dsn):
    import psycopg_pool as library

    with library.ConnectionPool(dsn, min_size=1, max_size=3, open=True) as pool:
        pool.wait()
        say(pool.get_stats(), max=3, total=1, in_use=0, idle=1, waiting=0, timeouts=0, acquisitions=0)
        held = [pool.getconn(timeout=5) for _ in range(3)]
        try:
            pool.getconn(timeout=0.05)
            raise SystemExit("a fourth connection of three")
        except library.PoolTimeout:
            pass
        # A request that has given up counts as waiting until a connection comes back.
        pool.putconn(held.pop())
        held.append(pool.getconn(timeout=5))
        taken = []
        waiting = [threading.Thread(target=lambda: taken.append(pool.getconn(timeout=10))) for _ in range(2)]
        for thread in waiting:
            thread.start()
        until(lambda: pool.get_stats()["requests_waiting"] == 2)
        say(pool.get_stats(), max=3, total=3, in_use=3, idle=0, waiting=2, timeouts=1, acquisitions=7)
        for connection in held:
            pool.putconn(connection)
        for thread in waiting:
            thread.join()
        for connection in taken:
            pool.putconn(connection)
        until(lambda: pool.get_stats()["pool_available"] == 3)
        say({"orders": pool.get_stats()}, max=3, total=3, in_use=0, idle=3, waiting=0, timeouts=1, acquisitions=7)


def sqlalchemy(dsn):
    import sqlalchemy as library

    engine = library.create_engine("postgresql+psycopg2://",
                                   creator=lambda: __import__("psycopg2").connect(dsn), pool_size=2, max_overflow=1)
    pool = engine.pool

    def answer():
        return {"size": pool.size(), "checkedin": pool.checkedin(), "checkedout": pool.checkedout(),
                "overflow": pool.overflow(), "max_overflow": pool._max_overflow}

    say(answer(), max=3, in_use=0, idle=0)
    held = [engine.connect() for _ in range(3)]
    say(answer(), max=3, in_use=3, idle=0)
    held.pop().close()
    without = answer()
    del without["max_overflow"], without["checkedin"]
    say(answer(), max=3, in_use=2, idle=1)
    say({"pool": without}, in_use=2, total=3, idle=1)
    for connection in held:
        connection.close()


def asyncpg(dsn):
    import asyncpg as library

    async def main():
        words = dict(word.split("=", 1) for word in dsn.split())
        pool = await library.create_pool(host=words["host"], port=int(words["port"]), user=words["user"],
                                         database=words["dbname"], min_size=2, max_size=4)
        held = [await pool.acquire() for _ in range(3)]

        def answer():
            return {"size": pool.get_size(), "min_size": pool.get_min_size(), "max_size": pool.get_max_size(),
                    "idle_size": pool.get_idle_size()}

        say(answer(), max=4, total=3, in_use=3, idle=0)
        await pool.release(held.pop())
        say({"status": "ok", "database": {"pool": answer()}}, max=4, total=3, in_use=2, idle=1)
        for connection in held:
            await pool.release(connection)
        await pool.close()

    asyncio.run(main())


def until(holds):
    for _ in range(500):
        if holds():
            return
        time.sleep(0.01)
    raise SystemExit("the pool never came into the wanted state")


{"psycopg_pool": psycopg_pool, "sqlalchemy": sqlalchemy, "asyncpg": asyncpg}[sys.argv[1]](sys.argv[2])
