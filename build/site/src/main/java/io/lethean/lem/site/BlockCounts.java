package io.lethean.lem.site;

import io.lethean.lem.site.Block.Mark;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How many blocks of code the pages have, what tests do with them, and why some are not run. */
record BlockCounts(Map<String, Integer> counts, List<String> reasons) {

    static BlockCounts of(List<Block> blocks) {
        Map<String, Integer> counts = new TreeMap<>();
        List<String> reasons = new ArrayList<>();
        for (Block block : blocks) {
            counts.merge(kind(block), 1, Integer::sum);
            for (Mark.NotRun mark : block.marks(Mark.NotRun.class)) {
                String lines = mark.lines().isEmpty() ? "" : " (lines " + String.join(", ", mark.lines()) + ")";
                reasons.add(block.place() + lines + ": " + mark.kind() + ": "
                        + mark.reason().replaceAll("\\s+", " "));
            }
            for (Mark.CompiledOnly mark : block.marks(Mark.CompiledOnly.class)) {
                reasons.add(block.place() + ", compiled only: " + mark.reason().replaceAll("\\s+", " "));
            }
        }
        return new BlockCounts(counts, reasons);
    }

    private static String kind(Block block) {
        String language = block.language();
        if (block.has(Mark.TestedBy.class)) {
            return language + ", run by a test of its own";
        }
        if (block.isLeftOut()) {
            return language + ", not run, with a reason";
        }
        return switch (language) {
            case Block.SHELL -> "sh, run";
            case Block.JAVA -> block.has(Mark.CompiledOnly.class) ? "java, compiled" : "java, compiled and run";
            case Block.TEXT -> block.has(Mark.Output.class) ? "text, compared with what is printed" : "text";
            default -> language + ", parsed";
        };
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("Blocks of code in the pages:\n");
        counts.forEach((kind, count) ->
                text.append("  ").append(count).append(' ').append(kind).append('\n'));
        text.append("Not run:\n");
        reasons.forEach(reason -> text.append("  ").append(reason).append('\n'));
        return text.toString();
    }
}
