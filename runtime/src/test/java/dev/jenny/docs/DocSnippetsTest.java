package dev.jenny.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jenny.Go;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every {@code java} block of README.md, the guide and the page on tracing compiles.
 *
 * <p>A block with a main method is a source file as it stands. A block of nothing but imports is
 * for the blocks after it in the same document. Any other block is wrapped in a method.
 */
class DocSnippetsTest {
    private static final List<String> DOCUMENTS =
            List.of("README.md", "docs/guide.md", "docs/tracing.md");

    @TempDir Path classes;

    private record Snippet(String where, String source) {}

    @TestFactory
    Stream<DynamicTest> snippetsCompile() throws IOException {
        List<Snippet> snippets = new ArrayList<>();
        for (String document : DOCUMENTS) {
            List<Snippet> found = snippetsOf(document);
            assertThat(found).as("java blocks of %s", document).isNotEmpty();
            snippets.addAll(found);
        }
        return snippets.stream()
                .map(s -> DynamicTest.dynamicTest(s.where(), () -> compile(s.source())));
    }

    private static List<Snippet> snippetsOf(String document) throws IOException {
        List<Snippet> snippets = new ArrayList<>();
        String imports = "";
        StringBuilder block = null;
        int start = 0;
        int number = 0;
        for (String line : Files.readAllLines(root().resolve(document))) {
            number++;
            if (block == null) {
                if (line.equals("```java")) {
                    block = new StringBuilder();
                    start = number;
                }
            } else if (!line.equals("```")) {
                block.append(line).append('\n');
            } else {
                String text = block.toString();
                block = null;
                if (text.lines().allMatch(l -> l.isEmpty() || l.startsWith("import "))) {
                    imports = text;
                }
                snippets.add(new Snippet(document + ":" + start, asSourceFile(imports, text)));
            }
        }
        return snippets;
    }

    private static String asSourceFile(String imports, String block) {
        if (block.lines().anyMatch(l -> l.startsWith("void main("))) {
            return block;
        }
        StringBuilder body = new StringBuilder();
        StringBuilder ownImports = new StringBuilder();
        block.lines()
                .forEach(l -> (l.startsWith("import ") ? ownImports : body).append(l).append('\n'));
        return imports
                + ownImports
                + "class Snippet {\nvoid snippet() throws Exception {\n"
                + body
                + "}\n}\n";
    }

    private void compile(String source) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        boolean ok;
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options =
                    List.of("-proc:none", "-d", classes.toString(), "-classpath", classPath());
            ok =
                    compiler.getTask(
                                    messages,
                                    files,
                                    null,
                                    options,
                                    null,
                                    List.of(new SourceText("Snippet", source)))
                            .call();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(ok).as("%s%n%s", messages, source).isTrue();
    }

    /** What a user's project has: the library alone, without the annotations it was built with. */
    private static String classPath() {
        try {
            return Path.of(Go.class.getProtectionDomain().getCodeSource().getLocation().toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** The project's folder, from wherever the tests run. */
    private static Path root() {
        Path p = Path.of("").toAbsolutePath();
        while (p != null && !Files.exists(p.resolve("docs/guide.md"))) {
            p = p.getParent();
        }
        assertThat(p).as("a folder with docs/guide.md above the working directory").isNotNull();
        return p;
    }

    private static final class SourceText extends SimpleJavaFileObject {
        private final String text;

        SourceText(String className, String text) {
            super(URI.create("string:///" + className + ".java"), JavaFileObject.Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
