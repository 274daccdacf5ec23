#!/usr/bin/env python3
"""A small shop: an aiohttp server over one asyncpg pool, with its settings in an env file.

    GET /healthz          200 when a connection could be had and the database answered
    GET /pool             the pool as it is, as JSON: what poolops reads back
    GET /accounts/{aid}   one row of pgbench_accounts
    GET /report           what holds a connection for 20 ms

Whatever the env file says is what the pool gets: a value that cannot be used ends the program, which is better than
running with another one.
"""
import asyncio
import os
import sys

import asyncpg
from aiohttp import web


def number(name, default, kind=int):
    """The value of a variable; ends the program when it is none, naming the variable."""
    text = os.environ.get(name, "")
    try:
        return kind(text) if text else default
    except ValueError:
        sys.exit(f"app: {name} is no number")


class Shop:
    def __init__(self):
        self.max_size = number("DB_CONNECTION_LIMIT", 10)
        self.min_size = number("DB_POOL_MIN", 0)
        # asyncpg has no timeout for the pool: it goes into each acquire().
        self.acquire_timeout = number("DB_POOL_TIMEOUT", 30, float)
        self.statement_cache = number("DB_STATEMENT_CACHE_SIZE", 100)
        # What asyncpg does not count: requests that wait, and that gave up. Who got a connection is not told: a request
        # can be overtaken, so how many were served does not say how long the others have waited.
        self.waiting = self.timeouts = 0
        self.pool = None

    async def start(self, _):
        self.pool = await asyncpg.create_pool(
            os.environ["DATABASE_URL"], min_size=self.min_size, max_size=self.max_size,
            statement_cache_size=self.statement_cache, server_settings={"application_name": "shop"})

    async def stop(self, _):
        await self.pool.close()

    async def fetch(self, sql, *arguments):
        """One query on a connection of the pool; TimeoutError when there was none in time."""
        self.waiting += 1
        try:
            connection = await self.pool.acquire(timeout=self.acquire_timeout or None)
        except asyncio.TimeoutError:
            self.timeouts += 1
            raise
        finally:
            self.waiting -= 1
        try:
            return await connection.fetch(sql, *arguments)
        finally:
            await self.pool.release(connection)

    async def report(self, _):
        await self.fetch("SELECT pg_sleep(0.02)")
        return web.Response(text="ok\n")

    async def health(self, _):
        await self.fetch("SELECT 1")
        return web.Response(text="ok\n")

    async def show_pool(self, _):
        return web.json_response({"pool": {
            "max": self.pool.get_max_size(), "min": self.pool.get_min_size(), "size": self.pool.get_size(),
            "idle": self.pool.get_idle_size(), "waiting": self.waiting, "timeouts": self.timeouts,
            "acquire_timeout": self.acquire_timeout,
            "statement_cache": self.statement_cache}})

    async def account(self, request):
        rows = await self.fetch(
            "SELECT aid, abalance FROM pgbench_accounts WHERE aid = $1", int(request.match_info["aid"]))
        return web.json_response(dict(rows[0])) if rows else web.Response(status=404)


@web.middleware
async def refusals(request, handler):
    """A pool that is used up is the server's state, not a fault of the program: 503."""
    try:
        return await handler(request)
    except (asyncio.TimeoutError, asyncpg.TooManyConnectionsError):
        return web.Response(status=503, text="no connection\n")


def main():
    shop = Shop()
    app = web.Application(middlewares=[refusals])
    app.on_startup.append(shop.start)
    app.on_cleanup.append(shop.stop)
    app.add_routes([
        web.get("/healthz", shop.health), web.get("/pool", shop.show_pool),
        web.get("/report", shop.report), web.get(r"/accounts/{aid:\d+}", shop.account)])
    web.run_app(app, host="127.0.0.1", port=number("PORT", 8080), print=None)


if __name__ == "__main__":
    main()
