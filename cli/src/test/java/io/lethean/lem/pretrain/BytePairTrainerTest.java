package io.lethean.lem.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class BytePairTrainerTest {

    private static final int BASE = ByteLevelVocabulary.baseSize();

    @Test
    void theMostFrequentPairIsMergedFirst_andMergesAreMergedAgain() {
        // First an (four times), then b with it (three times).
        ByteLevelVocabulary vocabulary = BytePairTrainer.train(List.of("ban ban\nbanana"), BASE + 3);

        assertThat(merged(vocabulary)).startsWith("an", "ban");
    }

    @Test
    void ofEquallyFrequentPairsTheSmallerIdsWin() {
        ByteLevelVocabulary vocabulary = BytePairTrainer.train(List.of("xy\nab\nxy\nab"), BASE + 2);

        assertThat(merged(vocabulary)).containsExactly("ab", "xy");
    }

    @Test
    void wordsKeepTheBlankBeforeThem_andAreNeverMergedAcrossIt() {
        ByteLevelVocabulary vocabulary = BytePairTrainer.train(List.of("go on go on go on go on"), BASE + 50);

        assertThat(merged(vocabulary)).contains("\u0120on", "\u0120go").noneMatch(token -> token.indexOf('\u0120') > 0);
    }

    @Test
    void pairsThatComeOnceAreNotMerged() {
        assertThat(BytePairTrainer.train(List.of("abc"), BASE + 10).size()).isEqualTo(BASE);
    }

    @Test
    void overlappingPairsAreMergedFromTheLeft() {
        ByteLevelVocabulary vocabulary = BytePairTrainer.train(List.of("aaaaa aaaaa"), BASE + 2);

        // aa, aa, a: of the two pairs in it the one with the single byte has the smaller id.
        assertThat(vocabulary.merges())
                .last()
                .isEqualTo(new ByteLevelVocabulary.Merge(BASE, ByteLevelVocabulary.ofByte((byte) 'a')));
    }

    @Test
    void everyByteHasItsToken() {
        assertThat(BytePairTrainer.train(List.of(), BASE).tokens())
                .hasSize(BASE)
                .doesNotHaveDuplicates();
    }

    @Test
    void aSizeWithoutRoomForTheBytesIsRefused() {
        assertThatThrownBy(() -> BytePairTrainer.train(List.of(), BASE - 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no room for the 260");
    }

    private static List<String> merged(ByteLevelVocabulary vocabulary) {
        return vocabulary.tokens().subList(BASE, vocabulary.size());
    }
}
