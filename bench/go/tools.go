package main

import (
	"bytes"
	"fmt"
	"regexp"
	"runtime/pprof"
	"runtime/trace"
	"strconv"
	"sync/atomic"
	"time"
)

// What Go's own tools cost: ./jenny bench tools. Rounds after the first find parked what that has parked.
var tools struct {
	parked, leaked int
	gate           chan int
	first          time.Duration
	ticks, late    atomic.Int64
}

func init() {
	if pprof.Lookup("goroutineleak") == nil {
		unsupported["tools-leaks"] = "this Go has no goroutineleak profile"
	} else {
		workloads["tools-leaks"] = toolsLeaks
	}
}

// tick sleeps for a millisecond, again and again, and notes by how much it was late.
func tick() {
	for last := time.Now(); ; {
		time.Sleep(time.Millisecond)
		now := time.Now()
		if late := int64(now.Sub(last) - time.Millisecond); late > tools.late.Load() {
			tools.late.Store(late)
		}
		tools.ticks.Add(1)
		last = now
	}
}

func nextTick() {
	for before := tools.ticks.Load(); tools.ticks.Load() == before; {
		time.Sleep(time.Millisecond)
	}
}

// look runs what looks, and reports how long that took and the longest delay of the ticker meanwhile.
func look(r *round, what func()) {
	nextTick()
	tools.late.Store(0)
	t0 := time.Now()
	what()
	took := time.Since(t0)
	if tools.first == 0 {
		tools.first = took
	}
	nextTick()
	r.metric("took_ns", float64(took))
	r.metric("first_ns", float64(tools.first))
	r.metric("stall_ns", float64(tools.late.Load()))
}

func startTicker() {
	if tools.gate == nil {
		tools.gate = make(chan int)
		go tick()
	}
}

// park makes n goroutines wait on one channel, in all.
func park(n int) {
	startTicker()
	for ; tools.parked < n; tools.parked++ {
		go func() { <-tools.gate }()
	}
	letPark()
}

// letPark gives what was started the time to begin to wait; the counts tell whether it was enough.
func letPark() { time.Sleep(2 * time.Second) }

func toolsProfile(r *round) {
	park(r.ops)
	var text bytes.Buffer
	look(r, func() { pprof.Lookup("goroutine").WriteTo(&text, 1) })
	r.metric("bytes", float64(text.Len()))
	groups := regexp.MustCompile(fmt.Sprintf("(?m)^%d @", r.ops)).FindAllIndex(text.Bytes(), -1)
	r.check("the group of those that are parked", 1, len(groups))
}

// ends counts the empty lines in what is written, as there is one behind each goroutine.
type ends struct {
	bytes, blocks int
	last          byte
}

func (e *ends) Write(p []byte) (int, error) {
	for _, b := range p {
		if b == '\n' && e.last == '\n' {
			e.blocks++
		}
		e.last = b
	}
	e.bytes += len(p)
	return len(p), nil
}

func toolsText(r *round) {
	park(r.ops)
	var text ends
	look(r, func() { pprof.Lookup("goroutine").WriteTo(&text, 2) })
	r.metric("bytes", float64(text.bytes))
	r.metric("goroutines", float64(text.blocks))
	if text.blocks < min(r.ops, 10_000) {
		r.check("goroutines in the text", r.ops, text.blocks)
	}
}

// toolsLeaks leaks r.ops more in each round, for Go keeps what it has found.
func toolsLeaks(r *round) {
	startTicker()
	leak(r.ops)
	tools.leaked += r.ops
	letPark()
	var text bytes.Buffer
	look(r, func() { pprof.Lookup("goroutineleak").WriteTo(&text, 1) })
	found := 0
	if m := regexp.MustCompile(`^goroutineleak profile: total (\d+)`).FindSubmatch(text.Bytes()); m != nil {
		found, _ = strconv.Atoi(string(m[1]))
	}
	r.check("goroutines found", tools.leaked, found)
}

func leak(n int) {
	for range n {
		never := make(chan int)
		go func() { <-never }()
	}
}

// counter counts bytes.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func toolsTracing(r *round) {
	t0 := time.Now()
	pingPong(r)
	off := time.Since(t0)
	var out counter
	if err := trace.Start(&out); err != nil {
		r.failure = err.Error()
		return
	}
	t0 = time.Now()
	pingPong(r)
	on := time.Since(t0)
	trace.Stop()
	n := float64(r.ops)
	r.metric("off_ns", float64(off)/n)
	r.metric("on_ns", float64(on)/n)
	r.metric("ratio", float64(on)/float64(off))
	r.metric("bytes_per_round_trip", float64(out)/n)
}
