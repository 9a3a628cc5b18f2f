package dev.jenny.cli.tools;

import java.util.ArrayList;
import java.util.List;

/** Lines in columns. Columns whose title starts with {@code >} are set to the right. */
final class Table {
    private final List<String[]> rows = new ArrayList<>();
    private final boolean[] right;

    Table(String... titles) {
        right = new boolean[titles.length];
        String[] head = titles.clone();
        for (int i = 0; i < head.length; i++) {
            if (head[i].startsWith(">")) {
                right[i] = true;
                head[i] = head[i].substring(1);
            }
        }
        rows.add(head);
    }

    /** As many cells as there are titles. */
    void row(Object... cells) {
        String[] row = new String[right.length];
        for (int i = 0; i < row.length; i++) {
            row[i] = Text.clean(String.valueOf(cells[i])).replace('\n', ' ').replace('\t', ' ');
        }
        rows.add(row);
    }

    /** The titles, then the rows. */
    List<String> lines() {
        int[] widths = new int[right.length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                String space = " ".repeat(widths[i] - row[i].length());
                line.append(right[i] ? space + row[i] : row[i] + space).append("  ");
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }
}
