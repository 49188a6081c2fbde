package consumer;

import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Path;

/** Continues a sentence with the model that is named. */
public final class Main {

    private Main() {}

    public static void main(String[] arguments) throws IOException {
        ModelOptions options = ModelOptions.builder().threads(1).build();
        try (LemModel model = LemModel.load(Path.of(arguments[0]), options)) {
            Generation answer = model.generate(
                    "Once upon a time", GenerationOptions.builder().maxTokens(20).build());
            System.out.println(answer.text());
        }
    }
}
