package dev.jenny.inspect.internal.issue;

import dev.jenny.inspect.internal.model.Issue;
import java.util.List;

/** Finds one kind of issue. Keeps what it needs of the observations before. For one thread. */
interface Rule {
    /** What is found in {@code o}; {@code first}, {@code last} and {@code count} do not matter. */
    List<Issue> look(Observation o);
}
