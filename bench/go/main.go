// The benchmark's workloads in Go. WORKLOADS.md defines them; the protocol is in README.md.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"syscall"
	"time"
)

// A workload does about r.ops operations and checks the result.
type workload func(r *round)

type round struct {
	wanted, ops int
	started     time.Time
	elapsed     time.Duration
	nsPerOp     float64
	failure     string
	metrics     []metric
}

type metric struct {
	name  string
	value float64
}

// share gives each of n equal parts its number of operations, at least one.
func (r *round) share(n int) int {
	each := max(1, r.wanted/n)
	r.ops = each * n
	return each
}

// start measures from here instead of from the start of the round.
func (r *round) start() { r.started = time.Now() }

// stop measures up to here instead of up to the end of the round; several add up.
func (r *round) stop() { r.elapsed += time.Since(r.started) }

// repeats is how often to do the whole thing, for workloads whose ops are their size.
func (r *round) repeats() int {
	times := max(1, 20_000/r.wanted)
	r.ops = r.wanted * times
	return times
}

func (r *round) metric(name string, value float64) {
	r.metrics = append(r.metrics, metric{name, value})
}

func (r *round) check(what string, expected, actual int) {
	if expected != actual && r.failure == "" {
		r.failure = fmt.Sprintf("%s is %d instead of %d", what, actual, expected)
	}
}

// percentiles reports p50 and p99.
func (r *round) percentiles(latencies []time.Duration) {
	sort.Slice(latencies, func(i, j int) bool { return latencies[i] < latencies[j] })
	r.metric("p50_ns", float64(latencies[len(latencies)/2]))
	r.metric("p99_ns", float64(latencies[int(float64(len(latencies))*0.99)]))
}

// sum63 is the sum of i & 63 for i from 0 to n-1.
func sum63(n int) int {
	rest := n & 63
	return (n>>6)*(63*64/2) + rest*(rest-1)/2
}

const noJDK = "needs the JDK"

// unsupported has the reason where it is not that.
var unsupported = map[string]string{}

var workloads = map[string]workload{
	"pingpong":           pingPong,
	"ring":               ring,
	"spsc-0":             func(r *round) { spsc(r, 0) },
	"spsc-1":             func(r *round) { spsc(r, 1) },
	"spsc-128":           func(r *round) { spsc(r, 128) },
	"mpmc-4x4-0":         func(r *round) { mpmc(r, 4, 0, false) },
	"mpmc-4x4-128":       func(r *round) { mpmc(r, 4, 128, false) },
	"mpmc-1000x1000-0":   func(r *round) { mpmc(r, 1000, 0, false) },
	"pairs-10k-0":        func(r *round) { pairs(r, 0) },
	"pairs-10k-16":       func(r *round) { pairs(r, 16) },
	"chain-10k":          chain,
	"select-2":           select2,
	"select-timeout":     selectTimeout,
	"select-nonblocking": selectNonBlocking,
	"select-8":           select8,
	"spawn-wg":           spawnWg,
	"spawn-one":          spawnOne,
	"skynet-1m":          skynet,
	"sieve-2000":         sieve,
	"mutex-uncontended":  mutexUncontended,
	"mutex-100":          mutex100,
	"rwmutex-90r":        rwMutex,
	"waitgroup-wake":     waitGroupWake,
	"once":               once,
	"timers-100k":        sleepers,
	"timer-startstop":    timerStartStop,
	"after-loop":         afterLoop,
	"context-timeout":    contextTimeout,
	"cancel-tree-1000":   cancelTree,
	"yield":              yield,
	"matmul":             matmul,
	"prodcons-work":      func(r *round) { mpmc(r, 4, 128, true) },
	"parked-memory":      parkedMemory,
	"wakeup-latency":     wakeupLatency,
	"echo-1000":          echo,
	"tools-profile":      toolsProfile,
	"tools-text":         toolsText,
	"tools-tracing":      toolsTracing,
}

func main() {
	args := os.Args[1:]
	if len(args) == 1 && args[0] == "--list" {
		for name := range workloads {
			fmt.Println(name)
		}
		return
	}
	if len(args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: WORKLOAD OPS ROUNDS WARMUP_MS, or --list")
		os.Exit(2)
	}
	name := args[0]
	ops, rounds, warmup := number(args[1]), number(args[2]), time.Duration(number(args[3]))*time.Millisecond
	run, known := workloads[name]
	if !known {
		why, known := unsupported[name]
		if !known {
			why = noJDK
		}
		fmt.Printf("{%s,\"unsupported\":%s}\n", head(name), quote(why))
		return
	}
	step := os.Getenv("BENCH_STEP") == "1"
	in := bufio.NewReader(os.Stdin)
	awaitTurn := func() {
		if step {
			if _, err := in.ReadString('\n'); err != nil {
				os.Exit(1) // the driver has gone
			}
		}
	}
	limit := time.Duration(1<<63 - 1)
	if ms := os.Getenv("BENCH_MAX_MS"); ms != "" {
		limit = time.Duration(number(ms)) * time.Millisecond
	}
	full := ops
	small := full
	if n := os.Getenv("BENCH_WARM_OPS"); n != "" {
		small = number(n)
	}
	awaitTurn()
	for begin := time.Now(); ; {
		warm := min(ops, small)
		r, elapsed := doRound(run, warm)
		if r.failure != "" {
			report(name, r, 0)
		}
		// Up as well as down, but not below a quarter: see the harness of the JVM's runners.
		ops = max(1, full/4, min(full, int(float64(warm)*float64(limit)/float64(elapsed))))
		if time.Since(begin) >= warmup {
			break
		}
	}
	if step {
		fmt.Println(`{"ready":true}`)
	}
	for range rounds {
		awaitTurn()
		cpu := cpuTime()
		r, elapsed := doRound(run, ops)
		if r.nsPerOp == 0 {
			if r.elapsed != 0 {
				elapsed = r.elapsed
			} else if !r.started.IsZero() {
				elapsed = time.Since(r.started)
			}
			r.nsPerOp = float64(elapsed) / float64(r.ops)
		}
		report(name, r, float64(cpuTime()-cpu)/float64(r.ops))
	}
}

func doRound(run workload, ops int) (*round, time.Duration) {
	r := &round{wanted: ops, ops: ops}
	t0 := time.Now()
	run(r)
	return r, time.Since(t0)
}

func report(name string, r *round, cpuPerOp float64) {
	out := fmt.Sprintf("{%s,\"ops\":%d,\"ns_per_op\":%.3f,\"cpu_ns_per_op\":%.3f", head(name), r.ops, r.nsPerOp, cpuPerOp)
	for _, m := range r.metrics {
		out += fmt.Sprintf(",%s:%.3f", quote(m.name), m.value)
	}
	if r.failure != "" {
		fmt.Printf("%s,\"check\":%s}\n", out, quote("FAILED "+r.failure))
		os.Exit(1)
	}
	fmt.Printf("%s,\"check\":\"ok\"}\n", out)
}

func head(name string) string { return `"runtime":"go","workload":` + quote(name) }

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	return n
}

// cpuTime is what this process has used of the CPUs.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
