package io.lethean.lem.site;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintedTest {

    private static final String PRINTED = "lem: a model\nmean  4.5 of 20\nlast (line)\n";

    @Test
    void linesInTheirOrder_areFound() {
        assertThat(Printed.missing("mean 4.5 of 20\nlast (line)\n", PRINTED)).isEmpty();
        assertThat(Printed.missing("lem: ...\n...\nlast ...\n", PRINTED)).isEmpty();
    }

    @Test
    void otherTextAndOtherOrder_areMissing() {
        assertThat(Printed.missing("mean 4.6 of 20\n", PRINTED)).hasValue("mean 4.6 of 20");
        assertThat(Printed.missing("last (line)\nlem: ...\n", PRINTED)).hasValue("lem: ...");
        assertThat(Printed.missing("mean 4.5\n", PRINTED)).hasValue("mean 4.5");
    }
}
