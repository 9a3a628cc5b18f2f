package main

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

func init() {
	workloads["scale-waiters"] = scaleWaiters
	workloads["scale-dequeue"] = scaleDequeue
	workloads["scale-timers"] = scaleTimers
}

// scaleWaiters: r.ops goroutines wait to receive from one channel; measured are the sends.
func scaleWaiters(r *round) {
	n := r.ops
	for range r.repeats() {
		scaleWaitersOnce(r, n)
	}
}

func scaleWaitersOnce(r *round, n int) {
	ch := make(chan int)
	var sum atomic.Int64
	var started, ended sync.WaitGroup
	started.Add(n)
	ended.Add(n)
	for range n {
		go func() {
			started.Done()
			sum.Add(int64(<-ch))
			ended.Done()
		}()
	}
	started.Wait()
	settle()
	r.start()
	for i := range n {
		ch <- i & 63
	}
	ended.Wait()
	r.stop()
	r.check("sum", sum63(n), int(sum.Load()))
}

// scaleDequeue: r.ops goroutines select between a channel that all share and one of their own.
// Measured is how they get a value on their own and leave the shared channel's queue.
func scaleDequeue(r *round) {
	n := r.ops
	for range r.repeats() {
		scaleDequeueOnce(r, n)
	}
}

func scaleDequeueOnce(r *round, n int) {
	shared := make(chan int)
	own := make([]chan int, n)
	var sum atomic.Int64
	var started, ended sync.WaitGroup
	started.Add(n)
	ended.Add(n)
	for i := range n {
		ch := make(chan int)
		own[i] = ch
		go func() {
			started.Done()
			select {
			case <-shared:
				sum.Add(-1_000_000)
			case v := <-ch:
				sum.Add(int64(v))
			}
			ended.Done()
		}()
	}
	started.Wait()
	settle()
	r.start()
	// Every 7919th (a prime that does not divide n): not in the order in which they came.
	for i := range n {
		own[i*7919%n] <- i & 63
	}
	ended.Wait()
	r.stop()
	r.check("sum", sum63(n), int(sum.Load()))
}

// settle lets the goroutines that have said that they are there go on and park.
func settle() {
	for range 100 {
		runtime.Gosched()
	}
}

// scaleTimers starts r.ops timers and stops them, in another order.
func scaleTimers(r *round) {
	n := r.ops
	for range r.repeats() {
		scaleTimersOnce(r, n)
	}
}

func scaleTimersOnce(r *round, n int) {
	timers := make([]*time.Timer, n)
	for i := range timers {
		timers[i] = time.AfterFunc(time.Hour+time.Duration(i*7919%n)*time.Millisecond, func() {})
	}
	stopped := 0
	for _, t := range timers {
		if t.Stop() {
			stopped++
		}
	}
	r.check("stopped", n, stopped)
}
