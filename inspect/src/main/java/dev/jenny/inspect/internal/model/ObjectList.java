package dev.jenny.inspect.internal.model;

import java.util.List;

/**
 * What goroutines wait on.
 *
 * @param objects those that are shown, that with the most waiters first
 * @param total how many there are
 */
public record ObjectList(List<ObjectDetail> objects, int total) {}
