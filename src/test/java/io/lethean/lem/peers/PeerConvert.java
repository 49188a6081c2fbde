package io.lethean.lem.peers;

import io.lethean.lem.convert.Convert;
import io.lethean.lem.convert.ConvertOptions;
import io.lethean.lem.convert.RandomFolder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Converts for scripts/peers/check_convert.py: a line of input is folder, output and type, or
 * "random", a resource and a folder to write it to; a line of output is the result. With arguments it converts them alone.
 */
final class PeerConvert {

    private PeerConvert() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length > 0) {
            System.out.println(convert(arguments));
            return;
        }
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] parts = line.split("\t", -1);
                out.println(convert(parts));
            }
        }
    }

    private static String convert(String[] parts) {
        try {
            if (parts[0].equals("random")) {
                RandomFolder.read(Path.of(parts[1])).write(Path.of(parts[2]));
                return "done";
            }
            Convert.run(ConvertOptions.of(Path.of(parts[0]), Path.of(parts[1]))
                    .withType(parts[2])
                    .withThreads(2));
            return "done";
        } catch (IOException | RuntimeException e) {
            return String.valueOf(e).replace('\n', ' ');
        }
    }
}
