package io.lethean.lem.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class QueryBlockTest {

    @Test
    void aBlockEndsAtItsLastQuery() {
        assertThat(QueryBlock.of(10, 0, 4))
                .containsExactly(new QueryBlock(0, 4, 0), new QueryBlock(4, 4, 0), new QueryBlock(8, 2, 0));
        assertThat(new QueryBlock(8, 2, 0).keys()).isEqualTo(10);
    }

    @Test
    void aBlockBeginsWhereTheWindowOfItsFirstQueryDoes_roundedDownToEight() {
        assertThat(QueryBlock.of(40, 5, 12))
                .containsExactly(
                        new QueryBlock(0, 12, 0),
                        new QueryBlock(12, 12, 8),
                        new QueryBlock(24, 12, 16),
                        new QueryBlock(36, 4, 32));
    }

    @Test
    void longSequencesHaveLargerBlocks() {
        List<QueryBlock> blocks = QueryBlock.of(32_000, 0, 128);

        assertThat(blocks).hasSize(16).allMatch(block -> block.count() == 2000);
        assertThat(blocks.getLast().keys()).isEqualTo(32_000);
    }
}
