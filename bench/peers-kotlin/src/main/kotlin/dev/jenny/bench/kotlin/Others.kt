package dev.jenny.bench.kotlin

import dev.jenny.bench.harness.Matrix
import dev.jenny.bench.harness.Round
import dev.jenny.bench.harness.Work
import java.util.concurrent.atomic.AtomicInteger
import java.util.concurrent.atomic.AtomicLong
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.plus
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield

internal suspend fun spawnWg(r: Round) {
    val count = AtomicLong()
    coroutineScope {
        for (i in 0 until r.ops()) {
            launch { count.incrementAndGet() }
        }
    }
    r.check("count", r.ops(), count.get())
}

internal suspend fun spawnOne(r: Round) = coroutineScope {
    val count = AtomicLong()
    for (i in 0 until r.ops()) {
        launch { count.incrementAndGet() }.join()
    }
    r.check("count", r.ops(), count.get())
}

internal suspend fun yieldLoop(r: Round) {
    val each = r.share(4)
    val count = AtomicLong()
    coroutineScope {
        repeat(4) {
            launch {
                repeat(each) { yield() }
                count.addAndGet(each.toLong())
            }
        }
    }
    r.check("count", r.ops(), count.get())
}

private val MATRIX = Matrix()

internal suspend fun matmul(r: Round) {
    repeat(r.share(Matrix.ROWS)) {
        MATRIX.clear()
        coroutineScope {
            for (row in 0 until Matrix.ROWS) {
                launch { MATRIX.row(row) }
            }
        }
    }
    MATRIX.check(r)
}

internal suspend fun mutexUncontended(r: Round) {
    val mutex = Mutex()
    var counter = 0L
    for (i in 0 until r.ops()) {
        mutex.withLock { counter++ }
    }
    r.check("counter", r.ops(), counter)
}

internal suspend fun mutex100(r: Round) {
    val each = r.share(100)
    val mutex = Mutex()
    var counter = 0L
    coroutineScope {
        repeat(100) {
            launch {
                repeat(each) { mutex.withLock { counter++ } }
            }
        }
    }
    r.check("counter", r.ops(), counter)
}

/** A CompletableDeferred in place of a WaitGroup; the last of those who pass completes the other. */
internal suspend fun deferredWake(r: Round) {
    val waiters = 100
    val turns = r.share(waiters)
    val gates = Array(turns) { CompletableDeferred<Unit>() }
    val left = Array(turns) { AtomicInteger(waiters) }
    val passed = Array(turns) { CompletableDeferred<Unit>() }
    val count = AtomicLong()
    coroutineScope {
        repeat(waiters) {
            launch {
                for (t in 0 until turns) {
                    gates[t].await()
                    if (left[t].decrementAndGet() == 0) passed[t].complete(Unit)
                }
                count.addAndGet(turns.toLong())
            }
        }
        for (t in 0 until turns) {
            gates[t].complete(Unit)
            passed[t].await()
        }
    }
    r.check("count", r.ops(), count.get())
}

internal suspend fun once(r: Round) {
    val each = r.share(4)
    val runs = AtomicInteger()
    val once by lazy { runs.incrementAndGet() }
    coroutineScope {
        repeat(4) {
            launch {
                var sum = 0L
                repeat(each) { sum += once }
                check(sum == each.toLong())
            }
        }
    }
    r.check("runs", 1, runs.get().toLong())
}

internal suspend fun sleepers(r: Round) {
    val early = AtomicLong()
    coroutineScope {
        for (i in 0 until r.ops()) {
            launch {
                val t0 = System.nanoTime()
                delay(10)
                if (System.nanoTime() - t0 < 10_000_000) early.incrementAndGet()
            }
        }
    }
    r.check("woken too early", 0, early.get())
}

internal suspend fun timeoutScope(r: Round) {
    var live = 0L
    for (i in 0 until r.ops()) {
        withTimeout(3_600_000) { if (isActive) live++ }
    }
    r.check("live", r.ops(), live)
}

/** The tree is made of scopes with a job each; a coroutine waits in each leaf. */
internal suspend fun cancelTree(r: Round) = coroutineScope {
    val trees = r.share(1000)
    val cancelled = AtomicLong()
    repeat(trees) {
        val root = Job(coroutineContext[Job])
        grow(this + root, 3, cancelled)
        root.cancel()
        root.join()
    }
    r.check("cancelled", r.ops(), cancelled.get())
}

private fun grow(scope: CoroutineScope, levels: Int, cancelled: AtomicLong) {
    if (levels == 0) {
        // Not in the coroutine: it may be cancelled before it has begun.
        scope.launch { awaitCancellation() }.invokeOnCompletion { cancelled.incrementAndGet() }
        return
    }
    repeat(10) { grow(scope + Job(scope.coroutineContext[Job]), levels - 1, cancelled) }
}

internal suspend fun parkedMemory(r: Round) {
    val n = Math.toIntExact(r.ops())
    val gate = Channel<Int>()
    val left = AtomicInteger(n)
    val started = CompletableDeferred<Unit>()
    val count = AtomicLong()
    val before = Work.liveBytes()
    val t1: Long
    coroutineScope {
        val t0 = System.nanoTime()
        repeat(n) {
            launch {
                if (left.decrementAndGet() == 0) started.complete(Unit)
                gate.receiveCatching()
                count.incrementAndGet()
            }
        }
        started.await()
        r.nsPerOp((System.nanoTime() - t0) / n.toDouble())
        r.metric("bytes_per_op", (Work.liveBytes() - before) / n.toDouble())
        t1 = System.nanoTime()
        gate.close()
    }
    r.metric("wake_ns_per_op", (System.nanoTime() - t1) / n.toDouble())
    r.check("count", n.toLong(), count.get())
}

private class Awake {
    @Volatile var at = 0L
}

internal suspend fun wakeupLatency(r: Round) = coroutineScope {
    val n = Math.toIntExact(r.ops())
    val latencies = LongArray(n)
    val bell = Channel<Int>(1)
    val awake = Awake()
    launch {
        for (ring in bell) awake.at = System.nanoTime()
    }
    for (i in 0 until n) {
        awake.at = 0
        delay(1)
        val t0 = System.nanoTime()
        bell.send(i and 63)
        while (awake.at == 0L) Thread.onSpinWait()
        latencies[i] = awake.at - t0
    }
    bell.close()
    Work.percentiles(r, latencies)
    r.nsPerOp(latencies[n / 2].toDouble())
}
