package dev.jenny.bench.harness;

import java.util.Arrays;

/** The matrices of the workload matmul: 1000×200 times 200×200, with small whole numbers. */
public final class Matrix {
    /** Rows of the result: one goroutine each. */
    public static final int ROWS = 1000;

    private static final int SIZE = 200;

    private final double[][] a = new double[ROWS][SIZE];
    private final double[][] b = new double[SIZE][SIZE];
    private final double[][] c = new double[ROWS][0];

    public Matrix() {
        for (int i = 0; i < ROWS; i++) {
            for (int k = 0; k < SIZE; k++) {
                a[i][k] = (i + k) % 10;
            }
        }
        for (int k = 0; k < SIZE; k++) {
            for (int j = 0; j < SIZE; j++) {
                b[k][j] = (k * j) % 7;
            }
        }
    }

    /** Calculates row {@code i} of the result. */
    public void row(int i) {
        double[] row = new double[SIZE];
        double[] left = a[i];
        for (int k = 0; k < SIZE; k++) {
            double x = left[k];
            double[] right = b[k];
            for (int j = 0; j < SIZE; j++) {
                row[j] += x * right[j];
            }
        }
        c[i] = row;
    }

    /** Forgets the result of the product before, so that rows which are missing are missed. */
    public void clear() {
        Arrays.fill(c, new double[0]);
    }

    /** Compares the sum of the result with what it must be; exact, since all numbers are whole. */
    public void check(Round round) {
        double sum = 0;
        for (double[] row : c) {
            for (double x : row) {
                sum += x;
            }
        }
        // Σ_ij Σ_k a_ik b_kj = Σ_k (Σ_i a_ik) (Σ_j b_kj)
        double expected = 0;
        for (int k = 0; k < SIZE; k++) {
            double column = 0;
            for (int i = 0; i < ROWS; i++) {
                column += a[i][k];
            }
            double line = 0;
            for (int j = 0; j < SIZE; j++) {
                line += b[k][j];
            }
            expected += column * line;
        }
        round.check("sum of the product", (long) expected, (long) sum);
    }
}
