package dev.jenny.bench;

/** What has been measured is reported also if the run is stopped or fails. */
final class IfStopped {
    private IfStopped() {}

    /**
     * Does {@code work}; should it fail, or the process be stopped meanwhile, does {@code report}.
     */
    static void report(Runnable report, Runnable work) {
        Thread hook = new Thread(report);
        Runtime.getRuntime().addShutdownHook(hook);
        boolean done = false;
        try {
            work.run();
            done = true;
        } finally {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
                if (!done) {
                    report.run();
                }
            } catch (IllegalStateException e) {
                // Stopped: the runners are being killed, and the hook reports what is complete.
            }
        }
    }
}
