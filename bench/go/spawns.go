package main

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

func spawnWg(r *round) {
	var count atomic.Int64
	var wg sync.WaitGroup
	for range r.ops {
		wg.Add(1)
		go func() {
			count.Add(1)
			wg.Done()
		}()
	}
	wg.Wait()
	r.check("count", r.ops, int(count.Load()))
}

func spawnOne(r *round) {
	var count atomic.Int64
	var wg sync.WaitGroup
	for range r.ops {
		wg.Add(1)
		go func() {
			count.Add(1)
			wg.Done()
		}()
		wg.Wait()
	}
	r.check("count", r.ops, int(count.Load()))
}

func skynet(r *round) {
	leaves := 1
	for leaves <= r.wanted/10 {
		leaves *= 10
	}
	r.ops = leaves
	result := make(chan int)
	go skynetNode(result, 0, leaves)
	r.check("sum", r.ops*(r.ops-1)/2, <-result)
}

func skynetNode(out chan int, first, size int) {
	if size == 1 {
		out <- first
		return
	}
	in := make(chan int)
	part := size / 10
	for i := range 10 {
		go skynetNode(in, first+i*part, part)
	}
	sum := 0
	for range 10 {
		sum += <-in
	}
	out <- sum
}

func yield(r *round) {
	each := r.share(4)
	var count atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Add(1)
		go func() {
			for range each {
				runtime.Gosched()
			}
			count.Add(int64(each))
			wg.Done()
		}()
	}
	wg.Wait()
	r.check("count", r.ops, int(count.Load()))
}

const (
	matrixRows = 1000
	matrixSize = 200
)

type matrices struct {
	a, c [matrixRows][]float64
	b    [matrixSize][]float64
}

var matrix = newMatrices()

func newMatrices() *matrices {
	m := new(matrices)
	for i := range m.a {
		m.a[i] = make([]float64, matrixSize)
		for k := range m.a[i] {
			m.a[i][k] = float64((i + k) % 10)
		}
	}
	for k := range m.b {
		m.b[k] = make([]float64, matrixSize)
		for j := range m.b[k] {
			m.b[k][j] = float64(k * j % 7)
		}
	}
	return m
}

func (m *matrices) row(i int) {
	row := make([]float64, matrixSize)
	for k, x := range m.a[i] {
		right := m.b[k]
		for j := range row {
			row[j] += x * right[j]
		}
	}
	m.c[i] = row
}

func (m *matrices) check(r *round) {
	sum, expected := 0.0, 0.0
	for _, row := range m.c {
		for _, x := range row {
			sum += x
		}
	}
	for k := range m.b {
		column, line := 0.0, 0.0
		for i := range m.a {
			column += m.a[i][k]
		}
		for _, x := range m.b[k] {
			line += x
		}
		expected += column * line
	}
	r.check("sum of the product", int(expected), int(sum))
}

func matmul(r *round) {
	for range r.share(matrixRows) {
		clear(matrix.c[:]) // so that rows which are missing are missed
		var wg sync.WaitGroup
		for i := range matrixRows {
			wg.Add(1)
			go func() {
				matrix.row(i)
				wg.Done()
			}()
		}
		wg.Wait()
	}
	matrix.check(r)
}

// liveBytes is the memory in use for objects and stacks, after a collection.
func liveBytes() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

func parkedMemory(r *round) {
	n := r.ops
	gate := make(chan int)
	var started, ended sync.WaitGroup
	var count atomic.Int64
	before := liveBytes()
	started.Add(n)
	ended.Add(n)
	t0 := time.Now()
	for range n {
		go func() {
			started.Done()
			<-gate
			count.Add(1)
			ended.Done()
		}()
	}
	started.Wait()
	r.nsPerOp = float64(time.Since(t0)) / float64(n)
	r.metric("bytes_per_op", float64(int64(liveBytes())-int64(before))/float64(n))
	t1 := time.Now()
	close(gate)
	ended.Wait()
	r.metric("wake_ns_per_op", float64(time.Since(t1))/float64(n))
	r.check("count", n, int(count.Load()))
}
