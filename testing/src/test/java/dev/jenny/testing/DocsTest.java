package dev.jenny.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;

/** The examples of docs/testing.md compile, run, and give what the page says. */
class DocsTest {
    private static final Pattern BLOCK = Pattern.compile("```(\\w*)\n(.*?)```\n", Pattern.DOTALL);
    private static final Pattern CLASS = Pattern.compile("^class (\\w+)", Pattern.MULTILINE);

    @TempDir Path classes;

    private record Block(String language, String text) {}

    @Test
    void the_example_leaks_as_shown_and_is_mended_as_said() throws Exception {
        List<Block> blocks = blocks();
        int first = indexOf(blocks, "java", 0);
        String source = blocks.get(first).text();
        String shown = blocks.get(first + 1).text();
        assertThat(shown).startsWith("ShopTest.takesTheFirstQuote: 2 goroutines leaked");

        Throwable t = Runs.failure(run(source).get("takesTheFirstQuote"));
        if (!Runs.FALLBACK) {
            assertThat(stable(t.getMessage())).isEqualTo(stable(shown));
        }
        String fixed = source.replace("make();", "make(prices.length);");
        assertThat(fixed).isNotEqualTo(source);
        assertThat(run(fixed).get("takesTheFirstQuote").getThrowable()).isEmpty();
    }

    @Test
    void the_settings_compile() throws Exception {
        List<Block> blocks = blocks();
        int first = indexOf(blocks, "java", 0);
        String imports =
                String.join(
                        "\n",
                        blocks.get(first)
                                .text()
                                .lines()
                                .filter(l -> l.startsWith("import "))
                                .toList());
        String source = blocks.get(indexOf(blocks, "java", first + 1)).text();
        assertThat(run(imports + "\n" + source)).containsOnlyKeys("answers", "survivesBadRequests");
    }

    /** Numbers and times are others in each run. */
    private static String stable(String report) {
        return report.strip()
                .replaceAll("goroutine \\d+", "goroutine N")
                .replaceAll(", [0-9.]+(ms|s|µs)]", ", T]");
    }

    private Map<String, TestExecutionResult> run(String source) throws Exception {
        Matcher m = CLASS.matcher(source);
        assertThat(m.find()).isTrue();
        String name = m.group(1);
        Path out = Files.createTempDirectory(classes, name);
        compile(name, source, out);
        URL[] urls = {out.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(urls, DocsTest.class.getClassLoader())) {
            return Runs.of(loader.loadClass(name));
        }
    }

    private static void compile(String name, String source, Path out) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        List<String> options =
                List.of(
                        "-proc:none",
                        "-d",
                        out.toString(),
                        "-classpath",
                        System.getProperty("java.class.path"));
        JavaFileObject file =
                new SimpleJavaFileObject(
                        URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        boolean ok = compiler.getTask(messages, null, null, options, null, List.of(file)).call();
        assertThat(ok).as("%s%n%s", messages, source).isTrue();
    }

    private static int indexOf(List<Block> blocks, String language, int from) {
        for (int i = from; i < blocks.size(); i++) {
            if (blocks.get(i).language().equals(language)) {
                return i;
            }
        }
        throw new AssertionError("no block in " + language);
    }

    private static List<Block> blocks() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("docs/testing.md"))) {
            root = root.getParent();
        }
        List<Block> blocks = new ArrayList<>();
        Matcher m = BLOCK.matcher(Files.readString(root.resolve("docs/testing.md")));
        while (m.find()) {
            blocks.add(new Block(m.group(1), m.group(2)));
        }
        return blocks;
    }
}
