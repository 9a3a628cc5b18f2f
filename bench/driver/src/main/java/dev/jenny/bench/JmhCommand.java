package dev.jenny.bench;

import picocli.CommandLine.Command;

/** {@code ./jenny bench jmh}. */
@Command(name = "jmh", header = "Run the JMH microbenchmarks.", mixinStandardHelpOptions = true)
final class JmhCommand implements Runnable {
    @Override
    public void run() {
        throw new BenchError("not yet");
    }
}
