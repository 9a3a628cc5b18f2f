package dev.jenny.internal.sched;

/** Why a goroutine is parked, in the words of Go's dumps. */
public enum WaitReason {
    CHAN_RECEIVE("chan receive"),
    CHAN_SEND("chan send"),
    SELECT("select"),
    SELECT_NO_CASES("select (no cases)"),
    SLEEP("sleep"),
    MUTEX_LOCK("sync.Mutex.Lock"),
    RWMUTEX_RLOCK("sync.RWMutex.RLock"),
    RWMUTEX_LOCK("sync.RWMutex.Lock"),
    WAITGROUP_WAIT("sync.WaitGroup.Wait"),
    COND_WAIT("sync.Cond.Wait"),
    SEMACQUIRE("semacquire"),
    JOIN("Goroutine.join"),
    // waits that JDK code does, told from the stack when a dump is taken; see also Blockers
    PARK("LockSupport.park"),
    OBJECT_WAIT("Object.wait"),
    MONITOR_ENTER("java monitor enter"),
    IO_WAIT("IO wait");

    private static final WaitReason[] BY_NUMBER = values();

    private final String text;

    WaitReason(String text) {
        this.text = text;
    }

    /** The reason's number in events and counters. */
    @SuppressWarnings("EnumOrdinal") // the number never leaves the JVM
    public int number() {
        return ordinal();
    }

    /** The reason with that number. */
    public static WaitReason of(int number) {
        return BY_NUMBER[number];
    }

    /** The reason as Go prints it. */
    public String text() {
        return text;
    }
}
