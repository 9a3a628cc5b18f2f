package main

import "time"

// produce sends n values on an unbuffered channel.
func produce(n int) chan int {
	ch := make(chan int)
	go func() {
		for i := range n {
			ch <- i & 63
		}
	}()
	return ch
}

func select2(r *round) {
	each := r.share(2)
	a, b := produce(each), produce(each)
	sum := 0
	for range r.ops {
		select {
		case v := <-a:
			sum += v
		case v := <-b:
			sum += v
		}
	}
	r.check("sum", 2*sum63(each), sum)
}

func select8(r *round) {
	each := r.share(8)
	var c [8]chan int
	for i := range c {
		c[i] = produce(each)
	}
	sum := 0
	for range r.ops {
		select {
		case v := <-c[0]:
			sum += v
		case v := <-c[1]:
			sum += v
		case v := <-c[2]:
			sum += v
		case v := <-c[3]:
			sum += v
		case v := <-c[4]:
			sum += v
		case v := <-c[5]:
			sum += v
		case v := <-c[6]:
			sum += v
		case v := <-c[7]:
			sum += v
		}
	}
	r.check("sum", 8*sum63(each), sum)
}

func selectTimeout(r *round) {
	ch := produce(r.ops)
	sum := 0
	for range r.ops {
		select {
		case v := <-ch:
			sum += v
		case <-time.After(time.Second):
			sum -= 1_000_000
		}
	}
	r.check("sum", sum63(r.ops), sum)
}

func afterLoop(r *round) {
	ch := make(chan int, 128)
	go func() {
		for i := range r.ops {
			ch <- i & 63
		}
	}()
	sum := 0
	for range r.ops {
		select {
		case v := <-ch:
			sum += v
		case <-time.After(time.Second):
			sum -= 1_000_000
		}
	}
	r.check("sum", sum63(r.ops), sum)
}

func selectNonBlocking(r *round) {
	a, b := make(chan int, 1), make(chan int, 1)
	next := func() int {
		select {
		case v := <-a:
			return v
		case v := <-b:
			return v
		default:
			return 1
		}
	}
	sum := 0
	for range r.ops {
		sum += next()
	}
	r.check("defaults", r.ops, sum)
	b <- 7
	r.check("value", 7, next())
}
