package io.lethean.lem.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import io.lethean.lem.GrammarException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class JsonSchemaTest {
    @Test
    void tmp() throws IOException {
        JsonNode all = new JsonMapper().readTree(Files.readString(Fixtures.require("trials/schemas.json")));
        for (Map.Entry<String, JsonNode> each : all.properties()) {
            String text = each.getValue().toString();
            System.out.println("== " + each.getKey());
            try {
                long t = System.nanoTime();
                JsonSchema s = JsonSchema.parse(text);
                System.out.println((System.nanoTime() - t) / 1000000 + " ms " + s.grammar().length());
                if (s.grammar().length() < 3000) System.out.println(s.grammar());
                GbnfSampler g = new GbnfSampler(s.grammar());
                Random r = new Random(1);
                Validator v = new Validator(text);
                for (int i = 0; i < 30; i++) {
                    String d = g.draw(r);
                    if (i < 3) System.out.println("   " + d.substring(0, Math.min(100, d.length())));
                    if (!v.problems(d).isEmpty()) System.out.println("PROBLEM " + d + v.problems(d));
                    s.check(d);
                }
            } catch (GrammarException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
