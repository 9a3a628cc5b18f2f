package main

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

func sleepers(r *round) {
	const nap = 10 * time.Millisecond
	var early atomic.Int64
	var wg sync.WaitGroup
	for range r.ops {
		wg.Add(1)
		go func() {
			t0 := time.Now()
			time.Sleep(nap)
			if time.Since(t0) < nap {
				early.Add(1)
			}
			wg.Done()
		}()
	}
	wg.Wait()
	r.check("woken too early", 0, int(early.Load()))
}

func timerStartStop(r *round) {
	stopped := 0
	for range r.ops {
		if time.AfterFunc(time.Hour, func() {}).Stop() {
			stopped++
		}
	}
	r.check("stopped", r.ops, stopped)
}

func contextTimeout(r *round) {
	live := 0
	for range r.ops {
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		if ctx.Err() == nil {
			live++
		}
		cancel()
	}
	r.check("live", r.ops, live)
}

func cancelTree(r *round) {
	var cancelled atomic.Int64
	for range r.share(1000) {
		var wg sync.WaitGroup
		root, cancel := context.WithCancel(context.Background())
		grow(root, 3, &wg, &cancelled)
		cancel()
		wg.Wait()
	}
	r.check("cancelled", r.ops, int(cancelled.Load()))
}

func grow(parent context.Context, levels int, wg *sync.WaitGroup, cancelled *atomic.Int64) {
	if levels == 0 {
		wg.Add(1)
		go func() {
			<-parent.Done()
			if parent.Err() != nil {
				cancelled.Add(1)
			}
			wg.Done()
		}()
		return
	}
	for range 10 {
		child, cancel := context.WithCancel(parent)
		_ = cancel // ends with its root
		grow(child, levels-1, wg, cancelled)
	}
}

func wakeupLatency(r *round) {
	latencies := make([]time.Duration, r.ops)
	bell := make(chan int, 1)
	start := time.Now()
	var awake atomic.Int64
	go func() {
		for range bell {
			awake.Store(int64(time.Since(start)))
		}
	}()
	for i := range r.ops {
		awake.Store(0)
		time.Sleep(time.Millisecond)
		t0 := time.Since(start)
		bell <- i & 63
		for awake.Load() == 0 {
			pause()
		}
		latencies[i] = time.Duration(awake.Load()) - t0
	}
	close(bell)
	r.percentiles(latencies)
	r.nsPerOp = float64(latencies[r.ops/2])
}
