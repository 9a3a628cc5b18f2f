//go:build amd64 || arm64

package main

// pause tells the CPU that this is a spin loop, as Java's Thread.onSpinWait does: a loop without it slows the hardware
// thread beside it down.
func pause()
