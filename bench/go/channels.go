package main

import (
	"math"
	"sync"
	"sync/atomic"
)

func pingPong(r *round) {
	ping, pong := make(chan int), make(chan int)
	go func() {
		for v := range ping {
			pong <- v
		}
		close(pong)
	}()
	sum := 0
	for i := range r.ops {
		ping <- i & 63
		sum += <-pong
	}
	close(ping)
	<-pong
	r.check("sum", sum63(r.ops), sum)
}

func ring(r *round) {
	type token struct{ left int }
	const size = 503
	winner := make(chan int, 1)
	first := make(chan *token)
	in := first
	var ended sync.WaitGroup
	for id := 1; id <= size; id++ {
		from, to := in, first
		if id < size {
			to = make(chan *token)
		}
		ended.Add(1)
		go func() {
			defer ended.Done()
			won := false
			for t := range from {
				t.left--
				if t.left == 0 {
					winner <- id
					close(to) // the end goes round as the token did
					won = true
				} else {
					to <- t
				}
			}
			if !won {
				close(to)
			}
		}()
		in = to
	}
	first <- &token{r.ops}
	ended.Wait()
	r.check("the last one", (r.ops-1)%size+1, <-winner)
}

func spsc(r *round, capacity int) {
	ch := make(chan int, capacity)
	go func() {
		for i := range r.ops {
			ch <- i & 63
		}
		close(ch)
	}()
	sum := 0
	for v := range ch {
		sum += v
	}
	r.check("sum", sum63(r.ops), sum)
}

// microsecond is work that takes about 1 µs on a 3 GHz CPU.
func microsecond(seed uint64) uint64 {
	x := seed | 1
	for range 500 {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

func mpmc(r *round, producers, capacity int, work bool) {
	ch := make(chan int, capacity)
	each := r.share(producers)
	var sum, count atomic.Int64
	var sending, receiving sync.WaitGroup
	for range producers {
		receiving.Add(1)
		go func() {
			defer receiving.Done()
			s, c, x := 0, 0, uint64(1)
			for v := range ch {
				s += v
				c++
				if work {
					x = microsecond(x)
				}
			}
			sum.Add(int64(s))
			if x != 0 {
				count.Add(int64(c))
			}
		}()
		sending.Add(1)
		go func() {
			defer sending.Done()
			x := uint64(1)
			for i := range each {
				if work {
					x = microsecond(x)
				}
				if x == 0 {
					i = 0
				}
				ch <- i & 63
			}
		}()
	}
	sending.Wait()
	close(ch)
	receiving.Wait()
	r.check("count", r.ops, int(count.Load()))
	r.check("sum", producers*sum63(each), int(sum.Load()))
}

func pairs(r *round, capacity int) {
	const pairs = 10_000
	each := r.share(pairs)
	var sum atomic.Int64
	var wg sync.WaitGroup
	for range pairs {
		ch := make(chan int, capacity)
		wg.Add(2)
		go func() {
			defer wg.Done()
			for i := range each {
				ch <- i & 63
			}
			close(ch)
		}()
		go func() {
			defer wg.Done()
			s := 0
			for v := range ch {
				s += v
			}
			sum.Add(int64(s))
		}()
	}
	wg.Wait()
	r.check("sum", pairs*sum63(each), int(sum.Load()))
}

func chain(r *round) {
	const stages = 10_000
	values := r.share(stages)
	head := make(chan int)
	in := head
	for range stages - 1 {
		from, to := in, make(chan int)
		go func() {
			for v := range from {
				to <- v
			}
			close(to)
		}()
		in = to
	}
	go func() {
		for i := range values {
			head <- i & 63
		}
		close(head)
	}()
	sum := 0
	for v := range in {
		sum += v
	}
	r.check("sum", sum63(values), sum)
}

// primes are the first n.
func primes(n int) []int {
	limit := 15
	if n >= 6 {
		limit = int(float64(n)*(math.Log(float64(n))+math.Log(math.Log(float64(n))))) + 1
	}
	composite := make([]bool, limit+1)
	var found []int
	for i := 2; len(found) < n; i++ {
		if composite[i] {
			continue
		}
		found = append(found, i)
		for j := i * i; j <= limit; j += i {
			composite[j] = true
		}
	}
	return found
}

func sieve(r *round) {
	n := r.ops
	known := primes(n)
	r.start()
	first := make(chan int)
	go func() {
		for i := 2; i <= known[n-1]; i++ {
			first <- i
		}
		close(first)
	}()
	in := first
	sum := 0
	for range n {
		from, to := in, make(chan int)
		prime := <-from
		sum += prime
		go func() {
			for v := range from {
				if v%prime != 0 {
					to <- v
				}
			}
			close(to)
		}()
		in = to
	}
	left := 1
	if _, open := <-in; open {
		left = 0
	}
	r.check("what is left", 1, left)
	r.stop()
	expected := 0
	for _, p := range known {
		expected += p
	}
	r.check("sum of primes", expected, sum)
}
