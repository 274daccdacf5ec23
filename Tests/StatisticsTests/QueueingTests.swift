import Statistics
import TestSupport
import Testing

struct QueueingTests {
  @Test(arguments: try oracles.table("erlang_bc.csv"))
  func `Erlang B and C`(row: Row) throws {
    let (c, load) = (row.whole("c"), row.number("a_erlangs"))
    let pool = try #require(OpenPool(servers: c, arrivalRate: load, serviceTime: 1))
    let computed = [Erlang.b(servers: c, load: load), pool.waitProbability, pool.meanWait, pool.utilisation]
    let expected = ["erlang_b", "erlang_c", "Wq_over_S", "rho"].map { row.number($0) }
    #expect(zip(computed, expected).allSatisfy { isClose($0, $1, absolute: 0) }, "\(computed)")
  }

  @Test func `an overloaded pool without timeout has no steady state`() {
    #expect(Erlang.c(servers: 5, load: 5) == nil)
    #expect(OpenPool(servers: 10, arrivalRate: 200, serviceTime: 0.05) == nil)
  }

  @Test(arguments: try oracles.table("mmc.csv"))
  func `open pool: waits and responses`(row: Row) throws {
    let pool = try #require(
      OpenPool(
        servers: row.whole("c"), arrivalRate: row.number("lambda"), serviceTime: row.number("S")))
    let computed = [
      pool.utilisation, pool.waitProbability, pool.meanWait, pool.meanQueue, pool.meanResponse,
      pool.waitQuantile(0.95), pool.waitQuantile(0.99), pool.responseQuantile(0.5), pool.responseQuantile(0.95),
      pool.responseQuantile(0.99),
    ]
    let columns = [
      "rho", "p_wait", "Wq", "Lq", "W", "wait_p95", "wait_p99", "resp_p50", "resp_p95", "resp_p99",
    ]
    #expect(zip(computed, columns).allSatisfy { isClose($0, row[$1], absolute: 1e-18) }, "\(computed)")
  }

  @Test func `open pool where waiting and service have the same rate`() throws {
    let pool = try #require(OpenPool(servers: 2, arrivalRate: 1, serviceTime: 1))
    let near = try #require(OpenPool(servers: 2, arrivalRate: 1 + 1e-9, serviceTime: 1))
    #expect(isClose(pool.responseQuantile(0.95), near.responseQuantile(0.95)))
  }

  @Test(arguments: try oracles.table("allen_cunneen.csv"))
  func `Allen and Cunneen's mean wait`(row: Row) throws {
    let pool = try #require(
      OpenPool(servers: row.whole("c"), arrivalRate: row.number("lambda"), serviceTime: row.number("S")))
    let wait = pool.meanWait(arrivalVariation: row.number("ca2"), serviceVariation: row.number("cs2"))
    #expect(isClose(wait, row.number("Wq")))
  }

  @Test(arguments: try oracles.table("mmcN_machine_repair.csv"))
  func `closed pool: throughput, waits and responses`(row: Row) throws {
    let pool = try #require(closedPool(row))
    let computed = [
      pool.throughput, pool.utilisation, pool.meanInside, pool.meanQueue, pool.waitProbability, pool.meanWait,
      pool.meanResponse, pool.waitQuantile(0.95), pool.responseQuantile(0.95), pool.responseQuantile(0.99),
      pool.waitTail(0.1), pool.waitTail(1), pool.waitTail(5),
    ]
    let columns = [
      "X", "util", "L", "Lq", "p_wait", "Wq", "R", "wait_p95", "resp_p95", "resp_p99", "P_wait_gt_0.1", "P_wait_gt_1",
      "P_wait_gt_5",
    ]
    // The reference subtracts the busy servers from all inside, so its queue is only good to 1e-14.
    let wrong = zip(computed, columns).filter { value, column in
      !isClose(value, row[column], absolute: ["Lq", "Wq"].contains(column) ? 1e-14 : 1e-290)
    }
    #expect(wrong.isEmpty, "\(wrong)")
  }

  private func closedPool(_ row: Row) -> ClosedPool? {
    ClosedPool(
      users: row.whole("N"), servers: row.whole("c"), serviceTime: row.number("S"), thinkTime: row.number("Z"))
  }

  /// By exact fractions.
  @Test func `a tiny queue keeps its precision`() throws {
    let pool = try #require(ClosedPool(users: 500, servers: 50, serviceTime: 0.04, thinkTime: 1))
    #expect(isClose(pool.meanQueue, 7.81130439459787e-10, relative: 1e-12, absolute: 0))
  }

  /// Everybody is always inside: X = c/S, and the wait is (N - c)/c S.
  @Test func `users who do not think`() throws {
    let pool = try #require(ClosedPool(users: 100, servers: 10, serviceTime: 0.05, thinkTime: 0))
    #expect(isClose(pool.throughput, 200) && isClose(pool.meanWait, 0.45) && pool.waitProbability == 1)
    let single = try #require(ClosedPool(users: 1, servers: 4, serviceTime: 0.05, thinkTime: 0.45))
    #expect(isClose(single.throughput, 2) && single.waitProbability == 0 && single.waitQuantile(0.99) == 0)
  }

  /// One server: the response of who finds k inside is Erlang(k + 1), here checked against the open M/M/1.
  @Test func `many rare users are an open pool`() throws {
    let open = try #require(OpenPool(servers: 1, arrivalRate: 0.5, serviceTime: 1))
    let closed = try #require(ClosedPool(users: 20_000, servers: 1, serviceTime: 1, thinkTime: 40_000))
    #expect(isClose(closed.responseQuantile(0.95), open.responseQuantile(0.95), relative: 1e-3))
  }

  @Test(arguments: try oracles.table("mmc_timeout_and_erlangA.csv"))
  func `open pool with a timeout`(row: Row) throws {
    let pool = try #require(
      ImpatientPool(
        servers: row.whole("c"), arrivalRate: row.number("lambda"), serviceTime: row.number("S"),
        timeout: row.number("T")))
    let computed = [pool.timeoutProbability, pool.waitProbability, pool.meanWait, pool.utilisation]
    let columns = ["D_p_timeout", "D_p_wait", "D_Wq_all", "D_util"]
    #expect(zip(computed, columns).allSatisfy { isClose($0, row[$1], absolute: 0) }, "\(computed)")
  }

  @Test func `a long timeout is an open pool, and the fluid limit when overloaded`() throws {
    let patient = try #require(ImpatientPool(servers: 10, arrivalRate: 180, serviceTime: 0.05, timeout: 1e4))
    let open = try #require(OpenPool(servers: 10, arrivalRate: 180, serviceTime: 0.05))
    #expect(isClose(patient.meanWait, open.meanWait) && patient.timeoutProbability < 1e-300)
    let overloaded = try #require(ImpatientPool(servers: 10, arrivalRate: 400, serviceTime: 0.05, timeout: 1e4))
    #expect(
      isClose(overloaded.timeoutProbability, 0.5)
        && ImpatientPool(
          servers: 10, arrivalRate: 400, serviceTime: 0.05, timeout: 0) == nil
    )
    let closed = try #require(ClosedPool(users: 10_000, servers: 50, serviceTime: 0.0484, thinkTime: 0.851))
    #expect(isClose(closed.saturatedTimeoutShare(timeout: 5), 0.3956, relative: 5e-4))
  }

  /// The think time that makes p95 485 ms with 20 connections and 500 users, found by bisection, and what follows from it.
  @Test func `what a p95 of 485 ms says about the pauses of users`() throws {
    struct Oracle: Decodable { let seed1P95485: [Row] }
    for row in try oracles.json("seed_claims_inferred.json", as: Oracle.self).seed1P95485 {
      let service = row.number("S")
      let pool = { (users: Int, servers: Int, think: Double) in
        ClosedPool(users: users, servers: servers, serviceTime: service, thinkTime: think)
      }
      var (low, high) = (0.0, 60.0)
      for _ in 0..<100 {
        let middle = (low + high) / 2
        if (pool(500, 20, middle)?.responseQuantile(0.95) ?? 0) > 0.485 { low = middle } else { high = middle }
      }
      let (small, large) = (try #require(pool(500, 20, low)), try #require(pool(500, 50, low)))
      let computed = [
        low, small.throughput, small.utilisation, small.meanQueue, small.responseQuantile(0.95),
        large.responseQuantile(0.95), large.utilisation, large.throughput, pool(100, 20, low)?.responseQuantile(0.95),
        service / (service + low),
      ]
      let columns = ["Z", "X", "util20", "Lq", "p95_20", "p95_50", "util50", "X50", "p95_100users", "duty"]
      let wrong = zip(computed, columns).filter { !isClose($0, row[$1], relative: 1e-6) }
      #expect(wrong.isEmpty, "\(wrong) \(row)")
      #expect(isClose(small.waitTail(5), row.number("P_W_gt_5"), relative: 1e-4, absolute: 1e-290), "\(row)")
    }
  }

  /// The limit of a flooded pool, beside the simulations of `closed_timeout_des.csv`.
  @Test func `the share that a flooded closed pool gives up`() throws {
    for line in try oracles.text("closed_timeout_des.csv").split(separator: "\n").dropFirst() {
      let cells = line.split(separator: ",").map { Double($0) }
      let numbers = cells.map { $0 ?? .nan }
      let pool = try #require(
        ClosedPool(users: Int(numbers[0]), servers: Int(numbers[1]), serviceTime: numbers[2], thinkTime: numbers[3]))
      #expect(isClose(pool.saturatedTimeoutShare(timeout: numbers[4]), numbers[14], relative: 1e-5, absolute: 1e-6))
    }
  }

  @Test func `Little's law`() {
    #expect(LittlesLaw.busy(rate: 100, holdTime: 0.05) == 5)
    #expect(isClose(LittlesLaw.residual(throughput: 200, meanResponse: 0.5, meanInside: 100), 0))
    #expect(LittlesLaw.residual(throughput: 200, meanResponse: 0.5, meanInside: 0) == nil)
    // 2,404 requests/s by 50 users with p95 = 990 ms is impossible.
    #expect(isClose(LittlesLaw.throughputBound(inside: 50, quantile: 0.99, q: 0.95), 1010.1, relative: 1e-5))
  }
}
