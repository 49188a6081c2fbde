package io.lethean.lem.evaluation.run;

import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.internal.io.Sha256;
import java.io.IOException;

/**
 * Which adapter lies over the model that answers.
 *
 * @param name as the user gave it
 * @param sha256 of its file; of one that consists of weights and configuration, of these two files' sums, a line each
 * @param weight what its update is multiplied by
 */
public record AdapterIdentity(String name, String sha256, float weight) {

    /**
     * {@return the identity of an adapter; reads the whole file}
     *
     * @param use the adapter and its weight
     * @throws io.lethean.lem.InvalidModelException if there is no adapter at its path
     * @throws IOException if a file cannot be read
     */
    public static AdapterIdentity of(AdapterUse use) throws IOException {
        String sum = Sha256.of(AdapterFiles.files(use.path()));
        return new AdapterIdentity(use.path().toString(), sum, use.weight());
    }

    String described() {
        return weight == 1 ? name : name + " x " + weight;
    }
}
