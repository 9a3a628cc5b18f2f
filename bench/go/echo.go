package main

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	connections = 1000
	messageSize = 64
)

func echo(r *round) {
	each := r.share(connections)
	latencies := make([]time.Duration, r.ops)
	var sum atomic.Int64
	var servers, clients, accepting sync.WaitGroup
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	accepting.Add(1)
	go func() {
		defer accepting.Done()
		for range connections {
			conn, err := server.Accept()
			if err != nil {
				panic(err)
			}
			servers.Add(1)
			go func() {
				defer servers.Done()
				serve(conn)
			}()
		}
	}()
	conns := make([]net.Conn, connections)
	for i := range conns {
		if conns[i], err = net.Dial("tcp", server.Addr().String()); err != nil {
			panic(err)
		}
	}
	accepting.Wait()
	server.Close()
	r.start() // connecting is not measured
	for c := range conns {
		clients.Add(1)
		go func() {
			defer clients.Done()
			sum.Add(int64(call(conns[c], each, latencies[c*each:])))
		}()
	}
	clients.Wait()
	r.stop()
	servers.Wait()
	r.check("sum", connections*sum63(each), int(sum.Load()))
	r.percentiles(latencies)
}

func serve(conn net.Conn) {
	defer conn.Close()
	message := make([]byte, messageSize)
	for {
		if _, err := io.ReadFull(conn, message); err != nil {
			return
		}
		if _, err := conn.Write(message); err != nil {
			panic(err)
		}
	}
}

func call(conn net.Conn, times int, latencies []time.Duration) int {
	defer conn.Close()
	message := make([]byte, messageSize)
	sum := 0
	for i := range times {
		t0 := time.Now()
		message[messageSize-1] = byte(i & 63)
		if _, err := conn.Write(message); err != nil {
			panic(err)
		}
		message[messageSize-1] = 255
		if _, err := io.ReadFull(conn, message); err != nil {
			panic(err)
		}
		sum += int(message[messageSize-1])
		latencies[i] = time.Since(t0)
	}
	return sum
}
