package io.lethean.lem.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.llama.Piece;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TextStreamTest {

    private final List<String> heard = new ArrayList<>();

    private TextStream stream(String... stops) {
        return new TextStream(List.of(stops), heard::add);
    }

    private static Piece piece(byte... bytes) {
        return Piece.of(bytes, false, false);
    }

    private static Piece piece(String text) {
        return piece(text.getBytes(UTF_8));
    }

    @Test
    void aCharacterSplitOverPieces_isHeardOnce() {
        TextStream stream = stream();
        byte[] smile = "🙂".getBytes(UTF_8);

        stream.append(piece("a"));
        stream.append(piece(smile[0], smile[1]));
        stream.append(piece(smile[2]));
        assertThat(heard).containsExactly("a");
        stream.append(piece(smile[3], (byte) 'b'));
        stream.finish();

        assertThat(heard).containsExactly("a", "🙂b");
        assertThat(stream.text()).isEqualTo("a🙂b");
    }

    @Test
    void stopSequence_isTheOneThatBeginsFirst_thenTheFirstOfTheList() {
        TextStream stream = stream("later", "cd", "c", "bcd");
        stream.append(piece("ab"));
        assertThat(stream.stopSequence()).isEmpty();
        stream.append(piece("cd later"));
        assertThat(stream.stopSequence()).contains("bcd");
        assertThat(stream.text()).isEqualTo("a");

        TextStream sameBeginning = stream("cd", "c");
        sameBeginning.append(piece("abcd"));
        assertThat(sameBeginning.stopSequence()).contains("cd");
    }

    @Test
    void aCharacterThatNeverEnds_becomesAReplacementCharacter() {
        TextStream stream = stream();
        stream.append(piece("x"));
        stream.append(piece((byte) 0xE6, (byte) 0x97));
        stream.finish();
        assertThat(stream.text()).isEqualTo("x\uFFFD");
    }

    @Test
    void randomBytesInRandomPieces_decodeAsJavaDecodesThemWhole() {
        Random random = new Random(7);
        for (int round = 0; round < 2000; round++) {
            byte[] bytes = randomBytes(random);
            Utf8Stream utf8 = new Utf8Stream();
            StringBuilder joined = new StringBuilder();
            for (int at = 0; at < bytes.length; ) {
                int end = Math.min(bytes.length, at + 1 + random.nextInt(4));
                joined.append(utf8.append(Arrays.copyOfRange(bytes, at, end)));
                at = end;
            }
            joined.append(utf8.finish());
            assertThat(joined.toString()).as("round %d", round).isEqualTo(new String(bytes, UTF_8));
        }
    }

    private static byte[] randomBytes(Random random) {
        byte[] bytes = new byte[random.nextInt(24)];
        byte[] likely = {
            'a',
            (byte) 0xC3,
            (byte) 0xA9,
            (byte) 0xE6,
            (byte) 0x97,
            (byte) 0xA5,
            (byte) 0xF0,
            (byte) 0x9F,
            (byte) 0x99,
            (byte) 0x82,
            (byte) 0xED,
            (byte) 0xFF
        };
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = likely[random.nextInt(likely.length)];
        }
        return bytes;
    }

    @Test
    void aStopSequenceOverSeveralPieces_endsTheTextBeforeIt() {
        TextStream stream = stream("###");
        stream.append(piece("one #"));
        assertThat(heard).containsExactly("one ");
        stream.append(piece("#"));
        assertThat(heard).containsExactly("one ");
        stream.append(piece("# two"));
        stream.finish();

        assertThat(stream.stopped()).isTrue();
        assertThat(stream.text()).isEqualTo("one ");
        assertThat(heard).containsExactly("one ");
    }

    @Test
    void whatOnlyLookedLikeAStopSequence_isHeardLater() {
        TextStream stream = stream("\nUser:");
        stream.append(piece("yes\nUs"));
        assertThat(heard).containsExactly("yes");
        stream.append(piece("ually"));
        stream.finish();

        assertThat(stream.stopped()).isFalse();
        assertThat(stream.text()).isEqualTo("yes\nUsually");
        assertThat(String.join("", heard)).isEqualTo(stream.text());
    }

    @Test
    void whatWasHeldBackAtTheEnd_belongsToTheText() {
        TextStream stream = stream("END");
        stream.append(piece("the EN"));
        stream.finish();
        assertThat(stream.text()).isEqualTo("the EN");
    }

    @Test
    void ofSeveralStopSequences_theEarliestWins() {
        TextStream stream = stream("cd", "bcde");
        stream.append(piece("a"));
        stream.append(piece("bcde"));
        assertThat(stream.text()).isEqualTo("a");
    }

    @Test
    void repeatedBeginningsOfAStopSequence_areNotMissed() {
        TextStream stream = stream("aab");
        for (String letter : "xaaab".split("")) {
            stream.append(piece(letter));
        }
        assertThat(stream.stopped()).isTrue();
        assertThat(stream.text()).isEqualTo("xa");
    }

    @Test
    void aStopSequenceOfBytesOfOneCharacter_isFoundWhenTheCharacterIsWhole() {
        TextStream stream = stream("é");
        stream.append(piece("caf"));
        stream.append(piece((byte) 0xC3));
        stream.append(piece((byte) 0xA9));
        assertThat(stream.stopped()).isTrue();
        assertThat(stream.text()).isEqualTo("caf");
    }
}
