package dev.jenny.inspect.internal.model;

/** Of how many of a group the stacks are read. One takes some 10 µs and 5 kB. */
public enum Depth {
    /** One of each group: what is looked at all the time. */
    ONE(1, 0),

    /** Some of each group that waits, picked at random if there are more. */
    SAMPLE(64, 0),

    /** All of the groups that wait, as long as they are not too many; of bigger ones some. */
    ALL(1_000, 20_000);

    /** How many of a group. */
    final int group;

    /** How many in all, besides some of each group. */
    final int total;

    Depth(int group, int total) {
        this.group = group;
        this.total = total;
    }
}
