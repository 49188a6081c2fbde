package io.lethean.lem.evaluation.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Collections;
import org.junit.jupiter.api.Test;

class MarkerScanTest {

    @Test
    void listsOverlap_butMatchesOfOneListDoNot() {
        MarkerList pairs = MarkerList.ignoringCase("so it", "it goes");
        MarkerList words = MarkerList.ignoringCase("it");

        int[] counts = new MarkerScan(pairs, words).count(new AnswerText("So it goes, it goes"));

        assertThat(counts).containsExactly(2, 2);
    }

    @Test
    void scan_countsWhatEachListCounts() {
        MarkerList gap = MarkerList.ignoringCase("from .{1,4} to", "from");
        MarkerList exact = MarkerList.exactly("From");
        AnswerText text = new AnswerText("From a to b, from abcd to e, from abcde to f, FROM");

        assertThat(new MarkerScan(gap, exact).count(text)).containsExactly(gap.count(text), exact.count(text));
        assertThat(new MarkerScan(gap, exact).count(text)).containsExactly(4, 1);
    }

    @Test
    void ninthList_isRefused() {
        MarkerList[] nine = Collections.nCopies(9, MarkerList.exactly("no")).toArray(MarkerList[]::new);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MarkerScan(nine))
                .withMessageContaining("not 9");
    }
}
