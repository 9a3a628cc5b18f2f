package dev.jenny.bench;

/** What has been measured is reported also if the run is stopped. */
final class IfStopped {
    private IfStopped() {}

    /** Does {@code work}; should the process be stopped meanwhile, does {@code report}. */
    static void report(Runnable report, Runnable work) {
        Thread hook = new Thread(report);
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            work.run();
        } finally {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // Stopped: the runners are being killed, and the hook reports what is complete.
            }
        }
    }
}
