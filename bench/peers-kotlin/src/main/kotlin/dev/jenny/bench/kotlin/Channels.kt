package dev.jenny.bench.kotlin

import dev.jenny.bench.harness.Round
import dev.jenny.bench.harness.Work
import java.util.concurrent.atomic.AtomicLong
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.selects.onTimeout
import kotlinx.coroutines.selects.select

internal suspend fun pingPong(r: Round) = coroutineScope {
    val ping = Channel<Int>()
    val pong = Channel<Int>()
    launch {
        for (v in ping) pong.send(v)
        pong.close()
    }
    val n = r.ops()
    var sum = 0L
    for (i in 0 until n) {
        ping.send((i and 63).toInt())
        sum += pong.receive()
    }
    ping.close()
    r.check("sum", Round.sum63(n), sum)
}

private class Token(var left: Long)

internal suspend fun ring(r: Round) {
    val size = 503
    val winner = AtomicLong()
    coroutineScope {
        val first = Channel<Token>()
        var input = first
        for (id in 1..size) {
            val from = input
            val to = if (id == size) first else Channel()
            launch {
                var won = false
                for (t in from) {
                    if (--t.left == 0L) {
                        winner.set(id.toLong())
                        to.close() // the end goes round as the token did
                        won = true
                    } else {
                        to.send(t)
                    }
                }
                if (!won) to.close()
            }
            input = to
        }
        first.send(Token(r.ops()))
    }
    r.check("the last one", (r.ops() - 1) % size + 1, winner.get())
}

internal suspend fun spsc(r: Round, capacity: Int) = coroutineScope {
    val ch = Channel<Int>(capacity)
    val n = r.ops()
    launch {
        for (i in 0 until n) ch.send((i and 63).toInt())
        ch.close()
    }
    var sum = 0L
    for (v in ch) sum += v
    r.check("sum", Round.sum63(n), sum)
}

internal suspend fun mpmc(r: Round, producers: Int, capacity: Int, work: Boolean) {
    val ch = Channel<Int>(capacity)
    val each = r.share(producers)
    val sum = AtomicLong()
    val count = AtomicLong()
    coroutineScope {
        repeat(producers) {
            launch {
                var s = 0L
                var c = 0L
                var x = 1L
                for (v in ch) {
                    s += v
                    c++
                    if (work) x = Work.microsecond(x)
                }
                sum.addAndGet(s)
                count.addAndGet(if (x == 0L) 0 else c)
            }
        }
        coroutineScope {
            repeat(producers) {
                launch {
                    var x = 1L
                    for (i in 0 until each) {
                        if (work) x = Work.microsecond(x)
                        ch.send(if (x == 0L) 0 else i and 63)
                    }
                }
            }
        }
        ch.close()
    }
    r.check("count", r.ops(), count.get())
    r.check("sum", producers * Round.sum63(each.toLong()), sum.get())
}

internal suspend fun pairs(r: Round, capacity: Int) {
    val pairs = 10_000
    val each = r.share(pairs)
    val sum = AtomicLong()
    coroutineScope {
        repeat(pairs) {
            val ch = Channel<Int>(capacity)
            launch {
                for (i in 0 until each) ch.send(i and 63)
                ch.close()
            }
            launch {
                var s = 0L
                for (v in ch) s += v
                sum.addAndGet(s)
            }
        }
    }
    r.check("sum", pairs * Round.sum63(each.toLong()), sum.get())
}

internal suspend fun chain(r: Round) = coroutineScope {
    val stages = 10_000
    val values = r.share(stages)
    val head = Channel<Int>()
    var input = head
    repeat(stages - 1) {
        val from = input
        val to = Channel<Int>()
        launch {
            for (v in from) to.send(v)
            to.close()
        }
        input = to
    }
    launch {
        for (i in 0 until values) head.send(i and 63)
        head.close()
    }
    var sum = 0L
    for (v in input) sum += v
    r.check("sum", Round.sum63(values.toLong()), sum)
}

/** Not an Int: Kotlin would box it anew at every stage. */
private class Number(@JvmField val value: Int)

internal suspend fun sieve(r: Round) = coroutineScope {
    val n = Math.toIntExact(r.ops())
    val primes = Work.primes(n)
    val numbers = Array(primes[n - 1] + 1) { Number(it) }
    r.start()
    val first = Channel<Number>()
    launch {
        for (i in 2 until numbers.size) first.send(numbers[i])
        first.close()
    }
    var input = first
    var sum = 0L
    repeat(n) {
        val from = input
        val prime = from.receive().value
        sum += prime
        val to = Channel<Number>()
        launch {
            for (v in from) {
                if (v.value % prime != 0) to.send(v)
            }
            to.close()
        }
        input = to
    }
    r.check("what is left", 1, if (input.receiveCatching().isClosed) 1 else 0)
    r.stop()
    r.check("sum of primes", primes.sumOf { it.toLong() }, sum)
}

internal suspend fun skynet(r: Round) = coroutineScope {
    val leaves = r.powerOfTen()
    val result = Channel<Long>()
    launch { skynet(result, 0, leaves) }
    r.check("sum", leaves * (leaves - 1L) / 2, result.receive())
}

private suspend fun skynet(out: Channel<Long>, first: Long, size: Int) {
    if (size == 1) {
        out.send(first)
        return
    }
    coroutineScope {
        val input = Channel<Long>()
        val part = size / 10
        for (i in 0 until 10) {
            launch { skynet(input, first + i.toLong() * part, part) }
        }
        var sum = 0L
        repeat(10) { sum += input.receive() }
        out.send(sum)
    }
}

private fun CoroutineScope.producer(n: Long, capacity: Int): Channel<Int> {
    val ch = Channel<Int>(capacity)
    launch {
        for (i in 0 until n) ch.send((i and 63).toInt())
    }
    return ch
}

internal suspend fun select2(r: Round) = coroutineScope {
    val each = r.share(2).toLong()
    val a = producer(each, 0)
    val b = producer(each, 0)
    var sum = 0L
    for (i in 0 until r.ops()) {
        sum += select<Int> {
            a.onReceive { it }
            b.onReceive { it }
        }
    }
    r.check("sum", 2 * Round.sum63(each), sum)
}

internal suspend fun select8(r: Round) = coroutineScope {
    val each = r.share(8).toLong()
    val channels = List(8) { producer(each, 0) }
    var sum = 0L
    for (i in 0 until r.ops()) {
        sum += select<Int> { for (ch in channels) ch.onReceive { it } }
    }
    r.check("sum", 8 * Round.sum63(each), sum)
}

@OptIn(ExperimentalCoroutinesApi::class)
internal suspend fun selectTimeout(r: Round, capacity: Int) = coroutineScope {
    val n = r.ops()
    val ch = producer(n, capacity)
    var sum = 0L
    for (i in 0 until n) {
        sum += select<Int> {
            ch.onReceive { it }
            onTimeout(1000) { -1_000_000 }
        }
    }
    r.check("sum", Round.sum63(n), sum)
}

/** select has no default: what one writes instead is tryReceive on each. */
internal fun selectNonBlocking(r: Round) {
    val a = Channel<Int>(1)
    val b = Channel<Int>(1)
    fun next(): Int = a.tryReceive().getOrNull() ?: b.tryReceive().getOrNull() ?: 1
    val n = r.ops()
    var sum = 0L
    for (i in 0 until n) sum += next()
    r.check("defaults", n, sum)
    b.trySend(7)
    r.check("value", 7, next().toLong())
}
