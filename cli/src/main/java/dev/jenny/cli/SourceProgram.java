package dev.jenny.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TaskEvent;
import com.sun.source.util.TaskListener;
import dev.jenny.inspect.internal.OwnerOnly;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * A source file, compiled. The classes are kept, so that the second start of an unchanged program
 * does not even load the compiler.
 *
 * <p>A cache entry is a folder whose name begins with a hash of the file's place, and goes on with
 * one of all that goes into the result and is known beforehand: the source, Jenny, the JDK, its
 * options and the class path. In it:
 *
 * <ul>
 *   <li>{@code classes/}
 *   <li>{@code main}: the names of the file's classes, the likeliest main class first
 *   <li>{@code sources}: the other source files that javac read, with size and time, which are
 *       known only afterwards
 *   <li>{@code in-use}: empty, for the lock; of no other use, since on Unix to close a file a
 *       second time would release it
 * </ul>
 *
 * Entries appear by an atomic rename, so a reader sees all of one or nothing. They are never
 * changed: a program loads its classes as it comes to need them. For as long as it runs it holds a
 * shared lock on {@code in-use}. Entries of the same place are deleted by the next to compile that
 * program, unless they are locked.
 */
final class SourceProgram {
    /**
     * Finds the package before the compiler runs; comments before it are the only thing that may be
     * in the way.
     */
    private static final Pattern PACKAGE =
            Pattern.compile(
                    "\\A(?:\\s|//[^\\n]*\\n|/\\*.*?\\*/)*+(?:@[\\w.]+\\s+)*package\\s+([\\w.]+)\\s*;",
                    Pattern.DOTALL);

    /** How temporary folders are called, if there is no place for a cache. */
    private static final String FOR_ONE_RUN = "jenny-classes-";

    /** Held, with its lock, until the program ends. */
    private static final Queue<FileChannel> IN_USE = new ConcurrentLinkedQueue<>();

    private final List<String> mainCandidates;
    private final ClassLoader loader;

    private SourceProgram(Path entry, FileChannel inUse) throws IOException {
        IN_USE.add(inUse);
        this.mainCandidates = Files.readAllLines(entry.resolve("main"));
        URL[] urls = {entry.resolve("classes").toUri().toURL()};
        // Without a name: a named loader would stand before every frame of the program's stack
        // traces.
        this.loader = new URLClassLoader(urls, SourceProgram.class.getClassLoader());
    }

    List<String> mainCandidates() {
        return mainCandidates;
    }

    ClassLoader loader() {
        return loader;
    }

    /**
     * Compiles {@code file} unless that was done before; javac's own messages go to stderr as they
     * are.
     */
    static SourceProgram compile(Path file) {
        try {
            byte[] source = Files.readAllBytes(file);
            Path entries = cacheFolder();
            String place = hash(place(file).toString().getBytes(UTF_8)).substring(0, 32);
            String key = place + "-" + key(file, source);
            SourceProgram known = known(entries, key);
            if (known != null) {
                return known;
            }
            Path fresh = compileInto(Files.createTempDirectory(entries, ".new-"), file, source);
            FileChannel inUse = hold(fresh);
            String unique = String.valueOf(fresh.getFileName()).substring(".new".length());
            Path entry = entries.resolve(key + unique);
            Files.move(fresh, entry, StandardCopyOption.ATOMIC_MOVE);
            deleteOthers(entries, place, entry);
            return new SourceProgram(entry, inUse);
        } catch (IOException e) {
            throw new UserError(
                    1,
                    "cannot compile "
                            + file
                            + " ("
                            + e
                            + "): check the disk space, or point XDG_CACHE_HOME to a folder that can be written");
        }
    }

    private static Path cacheFolder() throws IOException {
        String xdg = System.getenv("XDG_CACHE_HOME");
        String home = System.getenv("HOME"); // user.home is the password file's, whatever HOME says
        // An empty or relative path is to be ignored, says the XDG specification.
        Path base =
                xdg != null && xdg.startsWith("/")
                        ? Path.of(xdg)
                        : Path.of(
                                home != null && home.startsWith("/")
                                        ? home
                                        : System.getProperty("user.home"),
                                ".cache");
        try {
            Path folder = Files.createDirectories(base.resolve("jenny/classes"));
            if (Files.isWritable(folder)) {
                return folder;
            }
        } catch (IOException e) {
            // a read-only home, as in many containers
        }
        Path forThisRun = Files.createTempDirectory(FOR_ONE_RUN);
        deleteEnded(forThisRun);
        return forThisRun;
    }

    /**
     * Earlier runs leave theirs: until the JVM is gone, a program's shutdown hooks may need a class
     * that has not been loaded yet.
     */
    private static void deleteEnded(Path ours) {
        try (DirectoryStream<Path> folders =
                Files.newDirectoryStream(ours.resolveSibling("."), FOR_ONE_RUN + "*")) {
            for (Path folder : folders) {
                if (!Files.isSameFile(folder, ours)) {
                    deleteEnded(folder, ours);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // what is left is for the next run
        }
    }

    private static void deleteEnded(Path folder, Path ours) {
        try {
            if (OwnerOnly.isOurs(folder)) {
                deleteOthers(folder, "*", ours);
                Files.deleteIfExists(folder);
            }
        } catch (IOException e) {
            // there is still something in it, or another process deletes it
        }
    }

    private static String hash(byte[]... parts) {
        try {
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                hash.update(part);
            }
            return HexFormat.of().formatHex(hash.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e); // every JDK has it
        }
    }

    private static String key(Path file, byte[] source) throws IOException {
        StringBuilder rest = new StringBuilder();
        // The path counts, as it decides which other sources are found.
        rest.append(place(file)).append('\n');
        rest.append(javacOptions()).append('\n');
        rest.append(VersionCommand.jennyVersion()).append('\n');
        rest.append(System.getProperty("java.vm.version")).append('\n');
        for (String entry : classPath().split(File.pathSeparator)) {
            describe(Path.of(entry), rest);
        }
        return hash(source, rest.toString().getBytes(UTF_8));
    }

    /** Where the sources beside it are looked for: a link has other neighbours than its target. */
    private static Path place(Path file) {
        return file.toAbsolutePath().normalize();
    }

    /** The options of the JVM that javac has to know as well, which the script picks out. */
    private static List<String> javacOptions() {
        List<String> given = System.getProperty("jenny.javac", "").lines().toList();
        if (!given.contains("--enable-preview")) {
            return given;
        }
        List<String> options = new ArrayList<>(given);
        options.add("--source");
        options.add(String.valueOf(Runtime.version().feature()));
        return options;
    }

    private static String classPath() {
        return System.getProperty("java.class.path", "");
    }

    private static void describe(Path classPathEntry, StringBuilder to) throws IOException {
        if (!Files.isDirectory(classPathEntry)) {
            to.append(stamp(classPathEntry)).append('\n');
            return;
        }
        try (Stream<Path> files = Files.walk(classPathEntry)) {
            files.filter(f -> f.toString().endsWith(".class"))
                    .sorted()
                    .forEach(f -> to.append(stamp(f)).append('\n'));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Size, time and path: enough to see that a file is not what it was. */
    private static String stamp(Path file) {
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            return now.size() + " " + now.lastModifiedTime().toMillis() + " " + file;
        } catch (IOException e) {
            return "none " + file;
        }
    }

    /** The program as it was compiled before; null if it was not, or has changed since. */
    private static @Nullable SourceProgram known(Path entries, String key) throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(entries, key + "-*")) {
            for (Path entry : all) {
                try {
                    FileChannel inUse = hold(entry);
                    if (isCurrent(entry)) {
                        return new SourceProgram(entry, inUse);
                    }
                    inUse.close();
                    deleteUnlessInUse(entry);
                } catch (NoSuchFileException e) {
                    // another process deletes it
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return null;
    }

    private static FileChannel hold(Path entry) throws IOException {
        FileChannel inUse = FileChannel.open(entry.resolve("in-use"), READ);
        try {
            inUse.lock(0, Long.MAX_VALUE, true);
        } catch (IOException e) {
            // this file system has no locks
        }
        return inUse;
    }

    private static void deleteUnlessInUse(Path entry) {
        try (FileChannel inUse = FileChannel.open(entry.resolve("in-use"), WRITE)) {
            if (inUse.tryLock() != null) {
                delete(entry);
            }
        } catch (IOException e) {
            // another process deletes it, or nobody can know whether it is in use: it stays
        }
    }

    /** What earlier versions of the program have left, and what a compiler did that was killed. */
    private static void deleteOthers(Path entries, String place, Path entry) throws IOException {
        FileTime yesterday = FileTime.from(Instant.now().minus(Duration.ofDays(1)));
        try (DirectoryStream<Path> all =
                Files.newDirectoryStream(entries, "{" + place + "-*,.new-*}")) {
            for (Path other : all) {
                boolean unfinished = String.valueOf(other.getFileName()).startsWith(".new-");
                if (unfinished && Files.getLastModifiedTime(other).compareTo(yesterday) < 0) {
                    deleteQuietly(other);
                } else if (!unfinished && !other.equals(entry)) {
                    deleteUnlessInUse(other);
                }
            }
        } catch (DirectoryIteratorException | NoSuchFileException e) {
            // another process deletes; what is left is for the next one
        }
    }

    private static void deleteQuietly(Path folder) {
        try {
            delete(folder);
        } catch (IOException | UncheckedIOException e) {
            // another process deletes it, or it stays
        }
    }

    private static boolean isCurrent(Path entry) throws IOException {
        for (String line : Files.readAllLines(entry.resolve("sources"))) {
            String path = line.substring(line.indexOf(' ', line.indexOf(' ') + 1) + 1);
            if (!line.equals(stamp(Path.of(path)))) {
                return false;
            }
        }
        return true;
    }

    private static Path compileInto(Path fresh, Path file, byte[] source) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new UserError(
                    1,
                    "this Java runtime has no compiler: set JENNY_JAVA_HOME to a full JDK 25 or newer");
        }
        Path classes = Files.createDirectory(fresh.resolve("classes"));
        Path root = sourceRoot(file, source);
        List<String> options = new ArrayList<>(javacOptions());
        options.addAll(
                List.of(
                        "-d",
                        classes.toString(),
                        "-classpath",
                        classPath(),
                        // Without a source path, javac would look for sources on the class path.
                        "-sourcepath",
                        root == null ? classes.toString() : root.toString(),
                        "-proc:none",
                        "-g"));
        Listener listener = new Listener(file);
        boolean ok;
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, UTF_8)) {
            // No diagnostic listener: then javac itself formats, prints and counts.
            JavacTask task =
                    (JavacTask)
                            compiler.getTask(
                                    null,
                                    files,
                                    null,
                                    options,
                                    null,
                                    files.getJavaFileObjects(file));
            task.addTaskListener(listener);
            ok = task.call();
        }
        if (!ok) {
            delete(fresh);
            throw new UserError(1, ""); // javac has said it all
        }
        if (listener.types.isEmpty()) {
            delete(fresh);
            throw new UserError(1, file + " declares no class: add one, or a 'void main()'");
        }
        Files.createFile(fresh.resolve("in-use"));
        Files.write(fresh.resolve("main"), listener.types);
        Files.write(
                fresh.resolve("sources"),
                listener.others.stream().map(Path::of).map(SourceProgram::stamp).toList());
        return fresh;
    }

    /**
     * The folder that the package's path starts in; null if the file does not lie where its package
     * says.
     */
    private static @Nullable Path sourceRoot(Path file, byte[] source) {
        Path folder = place(file).getParent();
        Matcher matcher = PACKAGE.matcher(new String(source, UTF_8));
        if (matcher.find()) {
            String[] names = Objects.requireNonNull(matcher.group(1)).split("\\.");
            for (int i = names.length - 1; i >= 0; i--) {
                if (folder == null
                        || folder.getFileName() == null
                        || !folder.getFileName().toString().equals(names[i])) {
                    return null;
                }
                folder = folder.getParent();
            }
        }
        // A module-info there would make javac compile for the module path, which we do not have.
        return folder == null || Files.exists(folder.resolve("module-info.java")) ? null : folder;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Notes which types the file declares and which other sources javac reads for it. */
    private static final class Listener implements TaskListener {
        private final Path file;
        private final List<String> types = new ArrayList<>();
        private final TreeSet<String> others = new TreeSet<>();

        Listener(Path file) {
            this.file = file;
        }

        @Override
        public void finished(TaskEvent event) {
            if (event.getKind() != TaskEvent.Kind.PARSE) {
                return;
            }
            Path parsed = Path.of(event.getSourceFile().toUri());
            if (!parsed.equals(place(file))) { // as javac names it
                others.add(parsed.toString());
                return;
            }
            CompilationUnitTree unit = event.getCompilationUnit();
            String prefix =
                    unit.getPackageName() == null ? "" : unit.getPackageName().toString() + ".";
            String fileName = String.valueOf(file.getFileName());
            String expected = fileName.substring(0, fileName.length() - ".java".length());
            for (Tree tree : unit.getTypeDecls()) {
                if (tree instanceof ClassTree type) {
                    String name = type.getSimpleName().toString();
                    // The class named like the file first, then in the order of the file, as java
                    // does.
                    types.add(name.equals(expected) ? 0 : types.size(), prefix + name);
                }
            }
        }
    }
}
