package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LookupDraftTest {

    private static TokenHistory history(int... tokens) {
        return new TokenHistory(tokens);
    }

    private static int[] after(int count, int shortest, int... tokens) {
        return new LookupDraft().after(history(tokens), count, shortest);
    }

    @Test
    void tokensAfterTheLastEarlierOccurrence_areDrafted() {
        assertThat(after(2, 2, 5, 6, 1, 2, 9, 5, 6, 3, 4, 9, 5, 6)).containsExactly(3, 4);
    }

    @Test
    void theLongestNgramDecides_notTheLastOne() {
        assertThat(after(1, 2, 1, 2, 3, 4, 7, 9, 3, 4, 8, 1, 2, 3, 4)).containsExactly(7);
    }

    @Test
    void anNgramShorterThanWanted_isNotLookedUp() {
        assertThat(after(2, 3, 8, 5, 6, 1, 2, 9, 5, 6)).isEmpty();
        assertThat(after(2, 2, 8, 5, 6, 1, 2, 9, 5, 6)).containsExactly(1, 2);
    }

    @Test
    void withoutAnEarlierOccurrence_nothingIsDrafted() {
        assertThat(after(3, 2, 1, 2, 3, 4, 5, 6)).isEmpty();
        assertThat(after(3, 2, 1)).isEmpty();
        assertThat(after(3, 2, 1, 1)).isEmpty();
    }

    @Test
    void aTextThatRepeatsItself_isContinuedBeyondItsEnd() {
        assertThat(after(7, 2, 1, 2, 3, 1, 2)).containsExactly(3, 1, 2, 3, 1, 2, 3);
        assertThat(after(3, 2, 4, 4, 4)).containsExactly(4, 4, 4);
    }

    @Test
    void anAnswerThatGrew_isIndexedFurther() {
        LookupDraft draft = new LookupDraft();
        TokenHistory history = history(1, 2, 3);
        assertThat(draft.after(history, 1, 2)).isEmpty();
        history.add(1);
        history.add(2);
        assertThat(draft.after(history, 2, 2)).containsExactly(3, 1);
        history.add(8);
        history.add(1);
        history.add(2);
        assertThat(draft.after(history, 2, 2)).containsExactly(8, 1);
    }

    @Test
    void randomHistories_giveWhatASearchFromTheEndFinds() {
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            TokenHistory history = history(random.nextInt(4), random.nextInt(4));
            LookupDraft draft = new LookupDraft();
            for (int step = 0; step < 40; step++) {
                history.add(random.nextInt(4));
                int shortest = 2 + random.nextInt(3);
                assertThat(draft.after(history, 3, shortest)).isEqualTo(searched(history, 3, shortest));
            }
        }
    }

    private static int[] searched(TokenHistory history, int count, int shortest) {
        int length = history.length();
        for (int size = LookupDraft.LONGEST; size >= shortest; size--) {
            for (int end = length - 1; end >= size; end--) {
                int[] last = history.last(size);
                int matching = 0;
                while (matching < size && history.token(end - size + matching) == last[matching]) {
                    matching++;
                }
                if (matching == size) {
                    int[] draft = new int[count];
                    int period = length - end;
                    for (int i = 0; i < count; i++) {
                        draft[i] = history.token(end + i % period);
                    }
                    return draft;
                }
            }
        }
        return new int[0];
    }
}
