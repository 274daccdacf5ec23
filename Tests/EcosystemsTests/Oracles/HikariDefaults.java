import com.zaxxer.hikari.HikariConfig;
import java.util.function.Consumer;

/** Prints what HikariCP itself says of its settings: defaults, silent corrections, and what it refuses. */
final class HikariDefaults {
  public static void main(String[] words) {
    System.out.println("version " + words[0] + " -");
    HikariConfig plain = checked(c -> {});
    say("default", "maximumPoolSize", plain.getMaximumPoolSize());
    say("computed", "minimumIdle", plain.getMinimumIdle());
    say("default", "connectionTimeout", plain.getConnectionTimeout());
    say("default", "idleTimeout", plain.getIdleTimeout());
    say("default", "maxLifetime", plain.getMaxLifetime());
    becomes("idleTimeout", 9999, checked(c -> c.setIdleTimeout(9999)).getIdleTimeout());
    becomes("idleTimeout", 10000, checked(c -> c.setIdleTimeout(10000)).getIdleTimeout());
    becomes("maxLifetime", 29999, checked(c -> c.setMaxLifetime(29999)).getMaxLifetime());
    becomes("maxLifetime", 30000, checked(c -> { c.setMaxLifetime(30000); c.setIdleTimeout(10000); }).getMaxLifetime());
    probe("connectionTimeout", 249, c -> c.setConnectionTimeout(249));
    probe("connectionTimeout", 250, c -> c.setConnectionTimeout(250));
    probe("connectionTimeout", 0, c -> c.setConnectionTimeout(0));
    probe("maximumPoolSize", 0, c -> c.setMaximumPoolSize(0));
    probe("maximumPoolSize", 1, c -> c.setMaximumPoolSize(1));
    probe("minimumIdle", -1, c -> c.setMinimumIdle(-1));
    probe("idleTimeout", -1, c -> c.setIdleTimeout(-1));
  }

  private static HikariConfig checked(Consumer<HikariConfig> change) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl("jdbc:postgresql://localhost/none");
    change.accept(config);
    if (config.getIdleTimeout() != 600000) config.setMinimumIdle(2);
    config.validate();
    return config;
  }

  private static void probe(String name, long value, Consumer<HikariConfig> change) {
    try {
      checked(change);
      say("accepted", name, value);
    } catch (IllegalArgumentException refusal) {
      say("refused", name, value);
    }
  }

  private static void becomes(String name, long value, long used) {
    System.out.println("becomes " + name + " " + value + " " + used);
  }

  private static void say(String word, String name, long value) {
    System.out.println(word + " " + name + " " + value);
  }
}
