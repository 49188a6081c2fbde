// Checks what `make release` deployed: every module has its jars, every jar its licence, every pom what Maven Central asks for.
// Arguments: the folder of the group, the version, the file with the pinned llama.cpp, build/pom.xml, and the classifiers of the
// natives that must be there, such as natives-linux-x86_64, or zig:natives-linux-x86_64 where Zig built them.
// With --sizes it only prints the table of docs/release.md: every module with the jars that it needs at run time.

import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final List<String> faults = new ArrayList<>();

void main(String[] arguments) throws Exception {
    Path group = Path.of(arguments[0]);
    Properties pin = new Properties();
    try (var reader = Files.newBufferedReader(Path.of(arguments[2]))) {
        pin.load(reader);
    }
    List<Path> modules;
    try (Stream<Path> folders = Files.list(group)) {
        modules = folders.filter(Files::isDirectory).sorted().toList();
    }
    if (arguments.length > 4 && arguments[4].equals("--sizes")) {
        printSizes(modules, arguments[1]);
        return;
    }
    List<String> natives = List.of(arguments).subList(4, arguments.length);
    for (Path module : modules) {
        checkModule(module, module.resolve(arguments[1]), pin, natives);
    }
    requireModules(Path.of(arguments[3]), group, arguments[1]);
    faults.forEach(fault -> System.err.println("release: " + fault));
    if (!faults.isEmpty()) {
        System.exit(1);
    }
    IO.println(modules.size() + " modules are complete");
}

/** Every module of the build that is not for the build alone is deployed, and lem-bom has its version. */
void requireModules(Path parent, Path group, String version) throws Exception {
    Path bom = group.resolve("lem-bom").resolve(version);
    List<String> known = new ArrayList<>();
    try (Stream<Path> files = Files.list(bom)) {
        Path pom = files.filter(file -> file.toString().endsWith(".pom")).findFirst().orElseThrow();
        var managed = parse(pom).getElementsByTagName("artifactId");
        for (int i = 0; i < managed.getLength(); i++) {
            known.add(managed.item(i).getTextContent());
        }
    }
    for (Element modules : children(parse(parent), "modules")) {
        for (Element module : children(modules, "module")) {
            Element root = parse(parent.resolveSibling(module.getTextContent()).resolve("pom.xml"));
            if (root.getElementsByTagName("maven.deploy.skip").getLength() > 0) {
                continue;
            }
            String name = children(root, "artifactId").getFirst().getTextContent();
            if (!Files.isDirectory(group.resolve(name).resolve(version))) {
                faults.add(group + " has no " + name + ", a module of " + parent + ".");
            }
            if (!known.contains(name)) {
                faults.add("lem-bom does not have the module " + name + ".");
            }
        }
    }
}

Element parse(Path pom) throws Exception {
    return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(pom.toFile()).getDocumentElement();
}

List<Element> children(Element parent, String name) {
    List<Element> found = new ArrayList<>();
    for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
        if (node instanceof Element element && element.getTagName().equals(name)) {
            found.add(element);
        }
    }
    return found;
}

/** Sizes of dependencies are those of the jars in the local repository, by the module's list of components. */
void printSizes(List<Path> modules, String version) throws IOException {
    IO.println("| module | jar | sources | documentation | needs at run time |");
    IO.println("|---|---|---|---|---|");
    for (Path module : modules) {
        String name = module.getFileName().toString();
        Map<String, Long> jars = new TreeMap<>();
        try (Stream<Path> files = Files.list(module.resolve(version))) {
            for (Path file : files.filter(file -> file.toString().endsWith(".jar")).toList()) {
                String kind = file.getFileName().toString().replaceAll("^.*-(natives-.*|sources|javadoc)\\.jar$", "$1");
                jars.put(kind.endsWith(".jar") ? "jar" : kind, Files.size(file));
            }
        }
        if (jars.isEmpty()) {
            continue;
        }
        IO.println(String.join(
                " | ",
                "| `" + name + "`",
                kilobytes(jars.get("jar")),
                kilobytes(jars.get("sources")),
                kilobytes(jars.get("javadoc")),
                needs(module, version) + " |"));
        jars.forEach((kind, size) -> {
            if (kind.startsWith("natives-")) {
                IO.println("| `" + name + "`, `" + kind + "` | " + kilobytes(size) + " | | | |");
            }
        });
    }
}

String needs(Path module, String version) throws IOException {
    Path components;
    try (Stream<Path> files = Files.list(module.resolve(version))) {
        components = files.filter(file -> file.toString().endsWith("-cyclonedx.json")).findFirst().orElseThrow();
    }
    Path local = Path.of(System.getProperty("maven.repo.local", System.getProperty("user.home") + "/.m2/repository"));
    int count = 0;
    long bytes = 0;
    for (JsonNode component : new JsonMapper().readTree(components.toFile()).path("components")) {
        String purl = component.path("purl").asString("");
        if (component.path("scope").asString("required").equals("optional") || !purl.startsWith("pkg:maven/")) {
            continue;
        }
        String group = component.path("group").asString("");
        String name = component.path("name").asString("");
        String of = component.path("version").asString("");
        Path folder = group.equals("io.lethean")
                ? module.resolveSibling(name).resolve(of)
                : local.resolve(group.replace('.', '/')).resolve(name).resolve(of);
        try (Stream<Path> files = Files.list(folder)) {
            bytes += Files.size(files.filter(file -> isMain(file.getFileName().toString(), name))
                    .findFirst()
                    .orElseThrow(() -> new NoSuchFileException(folder + " has no jar")));
        }
        count++;
    }
    return count + (count == 1 ? " jar, " : " jars, ") + kilobytes(bytes);
}

/** Snapshots in a repository have the time instead of the word. */
boolean isMain(String file, String artifact) {
    return file.endsWith(".jar") && !file.matches(".*-(natives-.*|sources|javadoc|tests)\\.jar") && file.startsWith(artifact);
}

String kilobytes(Long bytes) {
    return bytes == null ? "" : String.format(Locale.ROOT, "%,d kB", (bytes + 999) / 1000);
}

void checkModule(Path module, Path folder, Properties pin, List<String> natives) throws Exception {
    String name = module.getFileName().toString();
    List<Path> files;
    try (Stream<Path> entries = Files.list(folder)) {
        files = entries.sorted().toList();
    }
    Path pom = only(files, ".*\\.pom", name);
    boolean isJar = pom != null && checkPom(pom);
    files.stream()
            .filter(file -> file.toString().endsWith("-tests.jar"))
            .forEach(file -> faults.add(name + " has the jar of its tests, " + file.getFileName() + "."));
    if (isJar) {
        only(files, ".*-sources\\.jar", name);
        only(files, ".*-javadoc\\.jar", name);
    }
    Path components = isJar ? only(files, ".*-cyclonedx\\.json", name) : null;
    if (components != null && name.equals("lem")) {
        checkComponents(components, pin);
    }
    if (name.equals("lem")) {
        for (String classifier : natives) {
            Path jar = only(files, ".*-" + classifier.replace("zig:", "") + "\\.jar", name);
            if (jar != null && classifier.startsWith("zig:")) {
                checkZig(jar);
            }
        }
    }
    for (Path file : files) {
        if (file.toString().endsWith(".jar")) {
            checkJar(file);
        }
    }
}

Path only(List<Path> files, String pattern, String module) {
    List<Path> found = files.stream()
            .filter(file -> file.getFileName().toString().matches(pattern))
            .toList();
    if (found.size() == 1) {
        return found.getFirst();
    }
    faults.add(module + " has " + found.size() + " files " + pattern + " and needs one.");
    return null;
}

boolean checkPom(Path pom) throws Exception {
    Element root = parse(pom);
    boolean inherits = root.getElementsByTagName("parent").getLength() > 0;
    List<String> needed = inherits
            ? List.of("name", "description")
            : List.of("name", "description", "url", "licenses", "developers", "scm");
    for (String element : needed) {
        var found = root.getElementsByTagName(element);
        if (found.getLength() == 0) {
            faults.add(pom + " has no <" + element + ">, which Maven Central asks for.");
        }
    }
    var packaging = root.getElementsByTagName("packaging");
    return packaging.getLength() == 0 || packaging.item(0).getTextContent().equals("jar");
}

void checkJar(Path jar) throws IOException {
    boolean natives = jar.getFileName().toString().contains("-natives-");
    try (ZipFile zip = new ZipFile(jar.toFile())) {
        requireText(jar, zip, "META-INF/LICENSE", "EUROPEAN UNION PUBLIC LICENCE v. 1.2");
        requireText(jar, zip, "META-INF/NOTICE", "LEM for Java");
        if (jar.toString().endsWith("-javadoc.jar")
                && zip.getEntry("index.html") == null
                && zip.getEntry("commands.md") == null) {
            faults.add(jar + " has no index.html at its root.");
        }
        if (natives) {
            requireText(jar, zip, "META-INF/licenses/llama.cpp/LICENSE", "MIT License");
            requireText(jar, zip, "META-INF/licenses/llama.cpp/AUTHORS", "");
            checkDescriptor(jar, zip);
        }
    }
}

/** What Zig links into every library asks for its licence in the jar. */
void checkZig(Path jar) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
        requireText(jar, zip, "META-INF/licenses/zig/LICENSE", "Zig contributors");
        requireText(jar, zip, "META-INF/licenses/llvm/LICENSE.TXT", "Apache License v2.0 with LLVM Exceptions");
        if (jar.toString().contains("-natives-windows-")) {
            requireText(jar, zip, "META-INF/licenses/mingw-w64/COPYING", "mingw-w64 project");
        }
    }
}

void requireText(Path jar, ZipFile zip, String name, String expected) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
        faults.add(jar + " has no " + name + ".");
        return;
    }
    try (var stream = zip.getInputStream(entry)) {
        if (!new String(stream.readAllBytes(), StandardCharsets.UTF_8).contains(expected)) {
            faults.add(jar + " has a " + name + " without the words '" + expected + "'.");
        }
    }
}

void checkDescriptor(Path jar, ZipFile zip) throws IOException {
    ZipEntry entry = zip.getEntry("module-info.class");
    if (entry == null) {
        faults.add(jar + " has no module-info.class, so jlink would leave it out.");
        return;
    }
    try (var stream = zip.getInputStream(entry)) {
        String module = java.lang.module.ModuleDescriptor.read(stream).name();
        if (!module.startsWith("io.lethean.lem.natives.")) {
            faults.add(jar + " is the module " + module + ".");
        }
    }
}

void checkComponents(Path file, Properties pin) throws IOException {
    JsonNode root = new JsonMapper().readTree(file.toFile());
    String purl = "pkg:github/ggml-org/llama.cpp@" + pin.getProperty("tag");
    boolean listed = false;
    for (JsonNode component : root.path("components")) {
        if (component.path("purl").asString("").equals(purl)) {
            listed = component.path("properties").toString().contains(pin.getProperty("tree"));
        }
    }
    if (!listed) {
        faults.add(file + " does not list " + purl + " with the git tree " + pin.getProperty("tree") + ".");
    }
    String self = root.path("metadata").path("component").path("bom-ref").asString("");
    boolean needed = false;
    for (JsonNode dependency : root.path("dependencies")) {
        if (dependency.path("ref").asString("").equals(self)) {
            needed = dependency.path("dependsOn").toString().contains(purl);
        }
    }
    if (!needed) {
        faults.add(file + " does not say that " + self + " depends on " + purl + ".");
    }
}
