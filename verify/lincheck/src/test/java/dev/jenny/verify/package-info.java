/**
 * Linearizability tests of the lock-free structures; every test carries the tag {@code lincheck}.
 */
package dev.jenny.verify;
