package com.example.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jenny.GoRuntime;
import org.junit.jupiter.api.Test;

class SumOfSquaresTest {
    @Test
    void oneWorker() throws Exception {
        assertEquals(385, SumOfSquares.compute(10, 1));
    }

    @Test
    void manyWorkers() throws Exception {
        assertEquals(333_833_500, SumOfSquares.compute(1000, 50));
    }

    @Test
    void nothingToDo() throws Exception {
        assertEquals(0, SumOfSquares.compute(0, 3));
    }

    @Test
    void runsOnJennysScheduler() {
        assertEquals("custom", GoRuntime.mode());
    }
}
