/** Real libraries inside goroutines, in both modes of the runtime. */
package dev.jenny.verify;
