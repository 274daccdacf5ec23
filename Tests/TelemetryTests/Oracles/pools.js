// Brings a pool of pg-pool into a known state, with a client that stands in for the server, and prints what an app would
// answer about it, and what is true. usage: pools.js PLACE, of the package pg-pool
const { EventEmitter } = require("events");
const Pool = require(process.argv[2]);

class Client extends EventEmitter {
  constructor() {
    super();
    this._queryable = true;
  }
  connect(done) { setImmediate(done); }
  end(done) { if (done) setImmediate(done); }
  ref() {}
  unref() {}
}

const say = (answer, truth) => {
  console.log(JSON.stringify(answer));
  console.log(Object.entries(truth).map(([name, value]) => `${name} ${value}`).join(" "));
};

(async () => {
  const pool = new Pool({ max: 3, Client, idleTimeoutMillis: 0 }, Client);
  const answer = () => ({
    totalCount: pool.totalCount, idleCount: pool.idleCount, waitingCount: pool.waitingCount, max: pool.options.max,
  });
  const held = [await pool.connect(), await pool.connect(), await pool.connect()];
  const waiting = [pool.connect(), pool.connect()];
  say(answer(), { max: 3, total: 3, in_use: 3, idle: 0, waiting: 2 });
  held.forEach((client) => client.release());
  const later = await Promise.all(waiting);
  say({ pools: [{ name: "orders", ...answer() }] }, { max: 3, total: 3, in_use: 2, idle: 1, waiting: 0 });
  later.forEach((client) => client.release());
  const { max, ...rest } = answer();
  say({ ...rest, options: { max } }, { max: 3, total: 3, in_use: 0, idle: 3, waiting: 0 });
  process.exit(0);
})();
