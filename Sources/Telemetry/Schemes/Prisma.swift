import Model

extension PoolNames {
  /// Prisma's own metrics (`$metrics.prometheus()`, to version 6), which say nothing of the most connections nor of timeouts.
  static let prisma = PoolNames(
    scheme: .prisma,
    metrics: [
      [
        Metric(.total, "prisma_pool_connections_open"), Metric(.inUse, "prisma_pool_connections_busy"),
        Metric(.idle, "prisma_pool_connections_idle"), Metric(.waiting, "prisma_client_queries_wait"),
        Metric(.acquireSeconds, "prisma_client_queries_wait_histogram_ms_sum", scale: 1e-3),
        Metric(.acquisitions, "prisma_client_queries_wait_histogram_ms_count"),
      ]
    ])
}
