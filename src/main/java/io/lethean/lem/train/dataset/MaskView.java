package io.lethean.lem.train.dataset;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;

/** Shows a sample as text with the trained tokens between two marks, for people to check. */
public final class MaskView {

    private static final String OPEN = "⟦";
    private static final String CLOSE = "⟧";

    private MaskView() {}

    /**
     * {@return a headline and the sample's text, each run of trained tokens between {@code ⟦} and {@code ⟧}}
     *
     * @param sample the sample to show
     * @param pieces the bytes of each token, special ones included; a character may be spread over several
     */
    public static String of(TrainingSample sample, IntFunction<byte[]> pieces) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        boolean open = false;
        for (int i = 0; i < sample.length(); i++) {
            if (sample.isTrained(i) != open) {
                open = !open;
                text.writeBytes((open ? OPEN : CLOSE).getBytes(StandardCharsets.UTF_8));
            }
            text.writeBytes(pieces.apply(sample.token(i)));
        }
        String body = text.toString(StandardCharsets.UTF_8) + (open ? CLOSE : "");
        return sample + "\n" + body + "\n";
    }
}
