package main

import (
	"sync"
	"sync/atomic"
)

func mutexUncontended(r *round) {
	var mu sync.Mutex
	counter := 0
	for range r.ops {
		mu.Lock()
		counter++
		mu.Unlock()
	}
	r.check("counter", r.ops, counter)
}

func mutex100(r *round) {
	const goroutines = 100
	each := r.share(goroutines)
	var mu sync.Mutex
	counter := 0
	var wg sync.WaitGroup
	for range goroutines {
		wg.Add(1)
		go func() {
			for range each {
				mu.Lock()
				counter++
				mu.Unlock()
			}
			wg.Done()
		}()
	}
	wg.Wait()
	r.check("counter", r.ops, counter)
}

func rwMutex(r *round) {
	const goroutines = 100
	each := r.share(goroutines)
	var mu sync.RWMutex
	counter := 0
	var reads atomic.Int64
	var wg sync.WaitGroup
	for range goroutines {
		wg.Add(1)
		go func() {
			seen := 0
			for i := range each {
				if i%10 == 0 {
					mu.Lock()
					counter++
					mu.Unlock()
				} else {
					mu.RLock()
					if counter >= 0 {
						seen++
					}
					mu.RUnlock()
				}
			}
			reads.Add(int64(seen))
			wg.Done()
		}()
	}
	wg.Wait()
	r.check("writes", goroutines*((each+9)/10), counter)
	r.check("reads", r.ops-counter, int(reads.Load()))
}

func waitGroupWake(r *round) {
	const waiters = 100
	turns := r.share(waiters)
	gates := make([]sync.WaitGroup, turns)
	passed := make([]sync.WaitGroup, turns)
	for t := range turns {
		gates[t].Add(1)
		passed[t].Add(waiters)
	}
	var count atomic.Int64
	var ended sync.WaitGroup
	for range waiters {
		ended.Add(1)
		go func() {
			for t := range turns {
				gates[t].Wait()
				passed[t].Done()
			}
			count.Add(int64(turns))
			ended.Done()
		}()
	}
	for t := range turns {
		gates[t].Done()
		passed[t].Wait()
	}
	ended.Wait()
	r.check("count", r.ops, int(count.Load()))
}

func once(r *round) {
	each := r.share(4)
	var once sync.Once
	var runs atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Add(1)
		go func() {
			for range each {
				once.Do(func() { runs.Add(1) })
			}
			wg.Done()
		}()
	}
	wg.Wait()
	r.check("runs", 1, int(runs.Load()))
}
