package io.lethean.lem.evaluation.run;

import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.internal.io.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Which adapter lies over the model that answers.
 *
 * @param name as the user gave it
 * @param sha256 of its file; of one that consists of weights and configuration, of these two files' sums, a line each
 * @param weight what its update is multiplied by
 */
public record AdapterIdentity(String name, String sha256, float weight) {

    /**
     * The identity of an adapter; reads the whole file.
     *
     * @throws io.lethean.lem.InvalidModelException if there is no adapter at its path
     */
    public static AdapterIdentity of(AdapterUse use) throws IOException {
        List<String> sums = new ArrayList<>();
        for (Path file : AdapterFiles.files(use.path())) {
            sums.add(Sha256.of(file));
        }
        String sum = sums.size() == 1 ? sums.getFirst() : Sha256.of(String.join("\n", sums) + "\n");
        return new AdapterIdentity(use.path().toString(), sum, use.weight());
    }

    String described() {
        return weight == 1 ? name : name + " x " + weight;
    }
}
