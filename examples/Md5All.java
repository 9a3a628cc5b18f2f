import static dev.jenny.Select.recv;
import static dev.jenny.Select.select;
import static dev.jenny.Select.send;

import dev.jenny.Chan;
import dev.jenny.Go;
import dev.jenny.GoRuntime;
import dev.jenny.RecvChan;
import dev.jenny.SendChan;
import dev.jenny.context.Context;
import dev.jenny.context.ContextException;
import dev.jenny.sync.ErrGroup;
import dev.jenny.sync.WaitGroup;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/*
 * The MD5 of every regular file under a folder, sorted by path, printed as md5sum prints it.
 *
 *     ./jenny run examples/Md5All.java DIR
 *     find DIR -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum       # the same
 *
 * The pipeline:  walk  --files-->  hash (GOMAXPROCS workers)  --sums-->  collect, sort, print
 *
 * What to watch: the channels are small, so the walk is never far ahead of the hashing, however
 * many files there are. The goroutines form an ErrGroup: the first error cancels the group's
 * context, all others see that and end, and main gets the error; the program names the file and
 * exits with 1. Ctrl-C cancels the same context from outside: the goroutines end, nothing is
 * printed, and the exit code is 130.
 *
 * Names are bytes. Those that are not valid in the locale's encoding, or not in any, are found,
 * read, sorted and printed as they are (which takes the detour in nameOf). Only DIR itself, an
 * argument that the JVM has decoded already, must be text in the locale's encoding: in the C locale
 * that means ASCII. Symbolic links are not followed.
 */
public final class Md5All {
    private Md5All() {}

    /** A file: how to open it, and its name as bytes, as it will be printed. */
    private record Entry(Path path, byte[] name) {}

    private record Sum(byte[] name, byte[] md5) {}

    private static final Duration GRACE = Duration.ofSeconds(5);

    public static void main(String[] args) throws Exception {
        if (args.length != 1 || args[0].isEmpty()) {
            System.err.println("usage: Md5All.java DIR");
            System.exit(2);
        }
        WaitGroup main = new WaitGroup();
        main.add(1);
        int exitCode = 0;
        try (Context ctx = Context.background().withCancel()) {
            // Ctrl-C makes the JVM run its shutdown hooks and exit: cancel, and let main come to
            // its end.
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(ctx, main)));
            print(sumAll(ctx, args[0]));
        } catch (ContextException e) {
            exitCode = 1; // never seen: the JVM is exiting already
        } catch (IOException e) {
            System.err.println("Md5All: " + e.getMessage());
            exitCode = 1;
        } finally {
            main.done();
        }
        if (exitCode != 0) {
            System.exit(exitCode);
        }
    }

    private static void stop(Context ctx, WaitGroup main) {
        ctx.cancel();
        try {
            main.await(GRACE);
        } catch (InterruptedException e) {
            // exit now
        }
    }

    /** Builds the pipeline and collects what comes out of it. */
    private static List<Sum> sumAll(Context parent, String dir) throws Exception {
        Chan<Entry> files = Chan.make(64);
        Chan<Sum> sums = Chan.make(64);
        ErrGroup group = ErrGroup.withContext(parent);
        Context ctx = group.context();

        group.go(() -> {
            try {
                walk(ctx, dir, files);
            } finally {
                files.close();
            }
        });
        WaitGroup hashing = new WaitGroup();
        for (int i = 0; i < GoRuntime.gomaxprocs(); i++) {
            hashing.add(1);
            group.go(() -> {
                try {
                    hash(ctx, files, sums);
                } finally {
                    hashing.done();
                }
            });
        }
        group.go(() -> {
            hashing.await();
            sums.close();
        });

        List<Sum> all = new ArrayList<>();
        for (Sum sum : sums) {
            all.add(sum);
        }
        group.await(); // throws the first error
        all.sort((a, b) -> Arrays.compareUnsigned(a.name(), b.name()));
        return all;
    }

    // ---- walk ----

    private static void walk(Context ctx, String dir, SendChan<Entry> files) throws Exception {
        Path start;
        try {
            // A slash at the end follows a link, as for find. Path.of drops it, but not a dot.
            start = Path.of(dir.endsWith("/") ? dir + "." : dir);
        } catch (InvalidPathException e) {
            throw new IOException(
                    dir + ": not text in this locale's encoding: try again with LC_ALL=C.UTF-8", e);
        }
        walk(ctx, new Entry(start, dir.getBytes(System.getProperty("sun.jnu.encoding"))), files);
    }

    private static void walk(Context ctx, Entry e, SendChan<Entry> files) throws Exception {
        try {
            BasicFileAttributes kind =
                    Files.readAttributes(
                            e.path(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (kind.isRegularFile()) {
                pass(ctx, files, e);
            } else if (kind.isDirectory()) {
                try (DirectoryStream<Path> children = Files.newDirectoryStream(e.path())) {
                    for (Path child : children) {
                        walk(ctx, new Entry(child, join(e.name(), nameOf(child))), files);
                    }
                } catch (DirectoryIteratorException wrapper) {
                    throw wrapper.getCause();
                }
            }
        } catch (FileSystemException x) {
            throw named(e, x);
        }
    }

    private static byte[] join(byte[] dir, byte[] name) {
        boolean slash = dir[dir.length - 1] == '/';
        byte[] joined = Arrays.copyOf(dir, dir.length + (slash ? 0 : 1) + name.length);
        joined[joined.length - name.length - 1] = '/';
        System.arraycopy(name, 0, joined, joined.length - name.length, name.length);
        return joined;
    }

    /**
     * The bytes of a path's last name. A Path knows them, but its toString decodes them, and what
     * cannot be decoded is lost. Its URI has every byte that is not plain ASCII as %XX.
     */
    private static byte[] nameOf(Path path) {
        String name = path.getFileName().toString();
        if (name.chars().allMatch(c -> c < 128)) {
            return name.getBytes(StandardCharsets.US_ASCII);
        }
        String uri = path.toUri().getRawPath();
        int end = uri.endsWith("/") ? uri.length() - 1 : uri.length(); // it says so of folders
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = uri.lastIndexOf('/', end - 1) + 1; i < end; i++) {
            if (uri.charAt(i) == '%') {
                bytes.write(HexFormat.fromHexDigits(uri, i + 1, i + 3));
                i += 2;
            } else {
                bytes.write(uri.charAt(i));
            }
        }
        return bytes.toByteArray();
    }

    // ---- hash ----

    private static void hash(Context ctx, RecvChan<Entry> files, SendChan<Sum> sums)
            throws Exception {
        MessageDigest md5 = md5();
        byte[] buffer = new byte[1 << 17];
        for (Entry file : files) {
            try (InputStream in = Files.newInputStream(file.path())) {
                for (int n; (n = in.read(buffer)) >= 0; ) {
                    md5.update(buffer, 0, n);
                    ctx.throwIfDone(); // a large file takes a while
                    Go.gosched();
                }
            } catch (IOException e) {
                throw named(file, e);
            }
            pass(ctx, sums, new Sum(file.name(), md5.digest()));
        }
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e); // every JDK has it
        }
    }

    /** Sends, unless the context is done. */
    private static <T> void pass(Context ctx, SendChan<T> to, T value)
            throws InterruptedException, ContextException {
        boolean sent = select(send(to, value, () -> true), recv(ctx.done(), v -> false));
        if (!sent) {
            ctx.throwIfDone();
        }
    }

    /** The same error with a message that names the file and says what is wrong. */
    private static IOException named(Entry file, IOException e) {
        String reason =
                switch (e) {
                    case NoSuchFileException x -> "no such file or directory";
                    case AccessDeniedException x -> "permission denied";
                    case FileSystemException x when x.getReason() != null -> x.getReason();
                    default -> e.getMessage();
                };
        String name = new String(file.name(), StandardCharsets.UTF_8);
        return new IOException(name + ": " + reason, e);
    }

    // ---- print ----

    private static void print(List<Sum> sums) throws IOException {
        try (OutputStream out =
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16)) {
            for (Sum sum : sums) {
                byte[] name = escaped(sum.name());
                if (name.length != sum.name().length) {
                    out.write('\\'); // md5sum's sign that the name is escaped
                }
                out.write(HexFormat.of().formatHex(sum.md5()).getBytes(StandardCharsets.US_ASCII));
                out.write(' ');
                out.write(' ');
                out.write(name);
                out.write('\n');
            }
        }
    }

    /** A name in one line: backslash and line ends become two characters. */
    private static byte[] escaped(byte[] name) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(name.length + 8);
        for (byte b : name) {
            switch (b) {
                case '\\' -> bytes.writeBytes(new byte[] {'\\', '\\'});
                case '\n' -> bytes.writeBytes(new byte[] {'\\', 'n'});
                case '\r' -> bytes.writeBytes(new byte[] {'\\', 'r'});
                default -> bytes.write(b);
            }
        }
        return bytes.toByteArray();
    }
}
