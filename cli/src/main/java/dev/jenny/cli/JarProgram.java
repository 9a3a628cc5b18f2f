package dev.jenny.cli;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;

/**
 * A program in a jar: what {@code java -jar} reads in its manifest, but for agents and for {@code
 * Enable-Native-Access}, which is about a warning.
 */
final class JarProgram {
    private JarProgram() {}

    /** Opens and exports what the manifest asks for; returns the main class. */
    static String open(Path jar) {
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            Attributes main = manifest == null ? new Attributes() : manifest.getMainAttributes();
            String name = main.getValue("Main-Class");
            if (name == null) {
                throw new UserError(
                        ExitCode.USAGE,
                        jar
                                + " has no Main-Class in its manifest: name the class, as in 'jenny run -cp "
                                + jar
                                + " MainClass'");
            }
            widen(main.getValue("Add-Opens"), "implAddOpensToAllUnnamed");
            widen(main.getValue("Add-Exports"), "implAddExportsToAllUnnamed");
            return name.strip();
        } catch (IOException e) {
            throw new UserError(
                    ExitCode.USAGE,
                    "cannot read " + jar + " as a jar (" + e.getMessage() + "): build it again");
        }
    }

    /** {@code packages}: {@code module/package}, with blanks between them. */
    private static void widen(@Nullable String packages, String method) {
        if (packages == null) {
            return;
        }
        for (String p : packages.strip().split("\\s+")) {
            String[] parts = p.split("/", 2);
            Module module = ModuleLayer.boot().findModule(parts[0]).orElse(null);
            if (parts.length == 2 && module != null && module.getPackages().contains(parts[1])) {
                widen(module, parts[1], method);
            }
        }
    }

    /** What the JDK's launcher calls; java.lang is open to us, as the scheduler needs it. */
    private static void widen(Module module, String name, String method) {
        try {
            MethodHandle widen =
                    MethodHandles.privateLookupIn(Module.class, MethodHandles.lookup())
                            .findVirtual(
                                    Module.class,
                                    method,
                                    MethodType.methodType(void.class, String.class));
            widen.invokeExact(module, name);
        } catch (Throwable e) {
            System.err.println(
                    "jenny: cannot open "
                            + module.getName()
                            + "/"
                            + name
                            + " as the jar asks for ("
                            + e
                            + "): add -J--add-opens="
                            + module.getName()
                            + "/"
                            + name
                            + "=ALL-UNNAMED");
        }
    }
}
