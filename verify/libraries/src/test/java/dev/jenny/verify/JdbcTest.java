package dev.jenny.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.ResultSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** H2 over JDBC through a HikariCP pool that is much smaller than the number of goroutines. */
@Timeout(60)
class JdbcTest {
    @Test
    void goroutinesShareASmallPool() throws Exception {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:h2:mem:goroutines;DB_CLOSE_DELAY=-1");
        config.setMaximumPoolSize(4);
        try (HikariDataSource pool = new HikariDataSource(config)) {
            try (var c = pool.getConnection();
                    var s = c.createStatement()) {
                s.execute("create table account(id int primary key, balance int)");
                s.execute("insert into account values (1, 0)");
            }
            List<Integer> done =
                    Goroutines.all(
                            300,
                            i -> {
                                try (var c = pool.getConnection();
                                        var s =
                                                c.prepareStatement(
                                                        "update account set balance = balance + ?"
                                                                + " where id = 1")) {
                                    s.setInt(1, i);
                                    return s.executeUpdate();
                                }
                            });
            assertThat(done).hasSize(300).containsOnly(1);
            try (var c = pool.getConnection();
                    var s = c.createStatement();
                    ResultSet r = s.executeQuery("select balance from account where id = 1")) {
                assertThat(r.next()).isTrue();
                assertThat(r.getInt(1)).isEqualTo(299 * 300 / 2);
            }
        }
    }
}
