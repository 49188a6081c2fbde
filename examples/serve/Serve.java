// Serves a model with OpenAI's API. After `make build`, in the project's folder:
//   java --enable-native-access=ALL-UNNAMED -cp 'target/lem.jar:target/lib/*' examples/serve/Serve.java MODEL [PORT]

import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import io.lethean.lem.server.LemServer;
import io.lethean.lem.server.ServerOptions;

void main(String[] arguments) throws IOException, InterruptedException {
    ModelOptions options = ModelOptions.builder().parallel(4).build();
    ServerOptions served = ServerOptions.builder()
            .port(arguments.length > 1 ? Integer.parseInt(arguments[1]) : ServerOptions.DEFAULT_PORT)
            .build();
    try (LemModel model = LemModel.load(arguments[0], options);
            LemServer server = LemServer.start(model, served)) {
        IO.println("Serving " + server.modelName() + " at " + server.uri());
        Thread.currentThread().join();
    }
}
