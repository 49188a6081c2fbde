package io.lethean.lem.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A repository of a few pages. */
record SmallRepository(Path root) {

    static SmallRepository in(Path root) throws IOException {
        SmallRepository repository = new SmallRepository(root);
        repository.write(
                "docs/README.md", "# Home\n\n## Pages\n\n- [One](one.md): first\n  - [Two](two.md): below it\n");
        repository.write(
                "docs/one.md", "# One\n\n## A part\n\nSee [two](two.md#another-part) and [a file](../data/a.txt).\n");
        repository.write("docs/two.md", "# Two\n\n## Another part\n\nSee [a class](../src/main/java/p/A.java#m()).\n");
        repository.write("data/a.txt", "a < b\n");
        repository.write("pom.xml", "<parent></parent><artifactId>lem</artifactId>");
        repository.write("src/main/java/module-info.java", "module m {\n    exports p;\n    exports q to r;\n}\n");
        repository.write("src/main/java/p/A.java", "package p;\n\npublic final class A {}\n");
        repository.write("src/main/java/p/B.java", "package p;\n\nclass B {}\n");
        repository.write("src/main/java/q/C.java", "package q;\n\npublic class C {}\n");
        return repository;
    }

    SmallRepository write(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        return this;
    }

    Rules rules() {
        return Rules.check(Repository.read(root), Map.of());
    }

    /** The faults if the first page also has this text. */
    java.util.List<String> faultsWith(String text) throws IOException {
        write("docs/one.md", "# One\n\n## A part\n\n" + text + "\n");
        return rules().faults();
    }
}
