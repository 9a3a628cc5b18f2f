package dev.jenny.bench;

import picocli.CommandLine.Command;

/** {@code ./jenny bench scale}. */
@Command(name = "scale", header = "Show how cost grows with size.", mixinStandardHelpOptions = true)
final class ScaleCommand implements Runnable {
    @Override
    public void run() {
        throw new BenchError("not yet");
    }
}
