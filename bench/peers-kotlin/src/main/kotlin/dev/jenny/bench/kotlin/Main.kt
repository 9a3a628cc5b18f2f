package dev.jenny.bench.kotlin

import dev.jenny.bench.harness.Round
import dev.jenny.bench.harness.Suite
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext

/**
 * The runner for Kotlin coroutines, on Dispatchers.Default. WORKLOADS.md defines the workloads.
 *
 * Channels of Int box their values; they are small, so that this allocates nothing.
 */
fun main(args: Array<String>) {
    Suite("kotlin") { body -> body.run() }
        .workload("pingpong") { pingPong(it) }
        .workload("ring") { ring(it) }
        .workload("spsc-0") { spsc(it, 0) }
        .workload("spsc-1") { spsc(it, 1) }
        .workload("spsc-128") { spsc(it, 128) }
        .workload("mpmc-4x4-0") { mpmc(it, 4, 0, false) }
        .workload("mpmc-4x4-128") { mpmc(it, 4, 128, false) }
        .workload("mpmc-1000x1000-0") { mpmc(it, 1000, 0, false) }
        .workload("pairs-10k-0") { pairs(it, 0) }
        .workload("pairs-10k-16") { pairs(it, 16) }
        .workload("chain-10k") { chain(it) }
        .workload("select-2") { select2(it) }
        .workload("select-timeout") { selectTimeout(it, 0) }
        .workload("select-nonblocking") { selectNonBlocking(it) }
        .workload("select-8") { select8(it) }
        .workload("spawn-wg") { spawnWg(it) }
        .workload("spawn-one") { spawnOne(it) }
        .workload("skynet-1m") { skynet(it) }
        .workload("sieve-2000") { sieve(it) }
        .workload("mutex-uncontended") { mutexUncontended(it) }
        .workload("mutex-100") { mutex100(it) }
        .workload("waitgroup-wake") { deferredWake(it) }
        .workload("once") { once(it) }
        .workload("timers-100k") { sleepers(it) }
        .workload("after-loop") { selectTimeout(it, 128) }
        .workload("context-timeout") { timeoutScope(it) }
        .workload("cancel-tree-1000") { cancelTree(it) }
        .workload("yield") { yieldLoop(it) }
        .workload("matmul") { matmul(it) }
        .workload("prodcons-work") { mpmc(it, 4, 128, true) }
        .workload("parked-memory") { parkedMemory(it) }
        .workload("wakeup-latency") { wakeupLatency(it) }
        .unsupported("kotlinx.coroutines has no read-write mutex", "rwmutex-90r")
        .unsupported(
            "kotlinx.coroutines has no timer objects; see context-timeout",
            "timer-startstop",
        )
        .unsupported("kotlinx.coroutines has no sockets", "echo-1000")
        .unsupported(
            "a coroutine must not block its thread",
            "jdk-reentrantlock",
            "jdk-abq",
            "jdk-synchronized",
        )
        .main(args)
}

private fun Suite.workload(name: String, block: suspend CoroutineScope.(Round) -> Unit): Suite =
    add(name) { round -> runBlocking { withContext(Dispatchers.Default) { block(round) } } }
