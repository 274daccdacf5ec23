import com.codahale.metrics.Meter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/**
 * Brings a pool of HikariCP into a known state, with connections that stand in for a server, and prints what an app would
 * answer about it, and what is true: from its MBean, and from Dropwizard's registry in the shape of its JSON module.
 */
final class HikariPools {
  public static void main(String[] words) throws Exception {
    MetricRegistry registry = new MetricRegistry();
    HikariConfig config = new HikariConfig();
    config.setDataSource((DataSource) standIn(DataSource.class));
    config.setPoolName("orders");
    config.setMaximumPoolSize(3);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(4000);
    config.setMetricRegistry(registry);
    try (HikariDataSource pool = new HikariDataSource(config)) {
      List<Connection> held = new ArrayList<>();
      for (int i = 0; i < 3; i++) held.add(pool.getConnection());
      try {
        pool.getConnection();
        throw new IllegalStateException("a fourth connection of three");
      } catch (SQLException timeout) {
        // What the counter is for.
      }
      HikariPoolMXBean bean = pool.getHikariPoolMXBean();
      List<Thread> waiting = new ArrayList<>();
      List<Connection> taken = java.util.Collections.synchronizedList(new ArrayList<>());
      for (int i = 0; i < 2; i++) {
        Thread thread = new Thread(() -> {
          try { taken.add(pool.getConnection()); } catch (SQLException fault) { System.exit(1); }
        });
        thread.start();
        waiting.add(thread);
      }
      for (int i = 0; i < 500 && bean.getThreadsAwaitingConnection() < 2; i++) Thread.sleep(10);
      Thread.sleep(1100); // Its counts are a second old at most.
      say(beanJson(bean, config), "max 3 total 3 in_use 3 idle 0 waiting 2");
      say(registryJson(registry), "max 3 total 3 in_use 3 idle 0 waiting 2 timeouts 1");
      for (Connection connection : held) connection.close();
      for (Thread thread : waiting) thread.join();
      Thread.sleep(1100);
      say(beanJson(bean, config), "max 3 total 3 in_use 2 idle 1 waiting 0");
      say(registryJson(registry), "max 3 total 3 in_use 2 idle 1 waiting 0 timeouts 1");
    }
    System.exit(0);
  }

  private static String beanJson(HikariPoolMXBean bean, HikariConfig config) {
    return "{\"activeConnections\":" + bean.getActiveConnections() + ",\"idleConnections\":" + bean.getIdleConnections()
      + ",\"totalConnections\":" + bean.getTotalConnections() + ",\"threadsAwaitingConnection\":"
      + bean.getThreadsAwaitingConnection() + ",\"maximumPoolSize\":" + config.getMaximumPoolSize() + "}";
  }

  private static String registryJson(MetricRegistry registry) {
    String gauges = registry.getGauges().entrySet().stream()
      .map(e -> "\"" + e.getKey() + "\":{\"value\":" + ((Gauge<?>) e.getValue()).getValue() + "}")
      .collect(Collectors.joining(","));
    String meters = registry.getMeters().entrySet().stream()
      .map(e -> "\"" + e.getKey() + "\":{\"count\":" + ((Meter) e.getValue()).getCount() + ",\"units\":\"events/second\"}")
      .collect(Collectors.joining(","));
    String timers = registry.getTimers().entrySet().stream()
      .map(e -> "\"" + e.getKey() + "\":{\"count\":" + ((Timer) e.getValue()).getCount() + "}")
      .collect(Collectors.joining(","));
    return "{\"version\":\"3.1.3\",\"gauges\":{" + gauges + "},\"counters\":{},\"histograms\":{},\"meters\":{" + meters
      + "},\"timers\":{" + timers + "}}";
  }

  private static void say(String answer, String truth) {
    System.out.println(answer);
    System.out.println(truth);
  }

  private static Object standIn(Class<?> kind) {
    return Proxy.newProxyInstance(HikariPools.class.getClassLoader(), new Class<?>[] {kind}, (proxy, method, values) -> {
      Class<?> type = method.getReturnType();
      if (method.getName().equals("isValid") || method.getName().equals("getAutoCommit")) return true;
      if (method.getName().equals("equals")) return proxy == values[0];
      if (method.getName().equals("hashCode")) return System.identityHashCode(proxy);
      if (method.getName().equals("toString")) return kind.getSimpleName();
      if (type.isInterface()) return standIn(type);
      if (type == boolean.class) return false;
      if (type == int.class) return 0;
      if (type == long.class) return 0L;
      return null;
    });
  }
}
