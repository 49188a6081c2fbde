// Checks what `make release` deployed: every module has its jars, every jar its licence, every pom what Maven Central asks for.
// Prints the sizes. Arguments: the folder of the group, the version, the file with the pinned llama.cpp.

import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.xml.parsers.DocumentBuilderFactory;
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
    for (Path module : modules) {
        checkModule(module, module.resolve(arguments[1]), pin);
    }
    if (modules.size() < 6) {
        faults.add(group + " has " + modules.size() + " modules, which is fewer than LEM has.");
    }
    faults.forEach(fault -> System.err.println("release: " + fault));
    if (!faults.isEmpty()) {
        System.exit(1);
    }
    IO.println(modules.size() + " modules are complete");
}

void checkModule(Path module, Path folder, Properties pin) throws Exception {
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
    for (Path file : files) {
        if (file.toString().endsWith(".jar")) {
            checkJar(file);
            IO.println(String.format(Locale.ROOT, "%,12d bytes  %s", Files.size(file), file.getFileName()));
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
    var root = DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(pom.toFile())
            .getDocumentElement();
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
