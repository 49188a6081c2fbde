package io.lethean.lem;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.core.importer.Locations;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.lethean.lem.cycle.left.Left;
import io.lethean.lem.cycle.right.Right;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Keeps the package table of ARCHITECTURE.md: its arrows and no others, and no native types in what is exported. */
class ArchitectureTest {

    private static final String ROOT = "io.lethean.lem";
    /** Modules without a module-info. */
    private static final List<String> UNNAMED_MODULES = List.of("langchain4j", "spring", "spark");

    /** Modules that the command does not depend on; they are built before it. */
    private static final List<String> OTHER_MODULES = List.of("langchain4j", "spring", "junit", "spark");

    /** The classes of all modules, without their tests. */
    static final JavaClasses OURS;

    static {
        // The rules look at names only, and reading the classes of the platform takes ten times as long as ours.
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        Set<Location> locations = new HashSet<>(Locations.ofPackage(ROOT));
        OTHER_MODULES.stream()
                .map(module -> Path.of(module, "target", "classes"))
                .filter(Files::isDirectory)
                .forEach(classes -> locations.add(Location.of(classes)));
        OURS = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(location -> !location.contains("-tests.jar"))
                .importLocations(locations);
    }

    /** What the table says of one package. */
    private record Row(Set<String> mayImport, boolean exported) {}

    private final Map<String, Row> table = readTable();

    private static Map<String, Row> readTable() {
        Pattern row = Pattern.compile("\\| `([\\w.]+)` \\|[^|]*\\|([^|]*)\\| (yes|no) \\|");
        Map<String, Matcher> rows = new LinkedHashMap<>();
        try (Stream<String> lines = Files.lines(Path.of("ARCHITECTURE.md"))) {
            lines.map(row::matcher).filter(Matcher::matches).forEach(match -> rows.put(match.group(1), match));
        } catch (IOException e) {
            throw new AssertionError("ARCHITECTURE.md stands in the folder where the tests run.", e);
        }
        Map<String, Row> table = new LinkedHashMap<>();
        rows.forEach((name, match) -> table.put(
                name,
                new Row(
                        arrows(match.group(2).strip(), rows.keySet()),
                        match.group(3).equals("yes"))));
        return table;
    }

    /** The packages in a cell: those that it names, or all but those. */
    private static Set<String> arrows(String cell, Set<String> all) {
        Set<String> named = Pattern.compile("`([\\w.]+)`")
                .matcher(cell)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(all).as("packages named in '%s'", cell).containsAll(named);
        if (!cell.startsWith("all but")) {
            return named;
        }
        Set<String> others = new TreeSet<>(all);
        others.removeAll(named);
        return others;
    }

    @Test
    void everyPackage_hasItsRow() {
        Set<String> present = OURS.stream().map(ArchitectureTest::packageOf).collect(Collectors.toSet());
        present.remove("");

        assertThat(table).hasSizeGreaterThanOrEqualTo(10);
        assertThat(table.keySet()).containsAll(present);
    }

    @Test
    void moduleExports_areThoseOfTheTable() throws IOException {
        Set<String> exported = new TreeSet<>();
        for (String module : List.of("", "evaluation/", "server/", "junit/", "cli/")) {
            Pattern.compile("exports io\\.lethean\\.lem\\.([\\w.]+);")
                    .matcher(Files.readString(Path.of(module + "src/main/java/module-info.java")))
                    .results()
                    .forEach(match -> exported.add(match.group(1)));
        }
        exported.addAll(packagesWithoutModuleInfo());
        Set<String> empty = new HashSet<>(table.keySet());
        OURS.forEach(type -> empty.remove(packageOf(type)));

        assertThat(exported).isSubsetOf(exportedInTable());
        assertThat(exported)
                .containsAll(exportedInTable().stream()
                        .filter(name -> !empty.contains(name))
                        .toList());
    }

    /** Every package of a module without module-info can be used. */
    private static Set<String> packagesWithoutModuleInfo() throws IOException {
        Set<String> packages = new TreeSet<>();
        for (String module : UNNAMED_MODULES) {
            Path root = Path.of(module, "src/main/java/io/lethean/lem");
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(file -> file.endsWith("package-info.java"))
                        .map(file -> root.relativize(file).getParent().toString())
                        .forEach(name -> packages.add(name.replace(File.separatorChar, '.')));
            }
        }
        return packages;
    }

    private Set<String> exportedInTable() {
        return table.entrySet().stream()
                .filter(entry -> entry.getValue().exported())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    @Test
    void packages_importOnlyAlongTheArrows() {
        arrowRule(table).check(OURS);
    }

    @Test
    void missingArrow_isNoticed() {
        Map<String, Row> without = new LinkedHashMap<>(table);
        Set<String> arrows = new TreeSet<>(table.get("evaluation.ab").mayImport());
        arrows.remove("evaluation.score");
        without.put("evaluation.ab", new Row(arrows, true));

        assertThat(failures(arrowRule(without), OURS))
                .isNotEmpty()
                .allSatisfy(failure -> assertThat(failure).contains("evaluation.ab may not import evaluation.score"));
    }

    @Test
    void rootPackage_mayImportNothingOfOurs() {
        JavaClasses withRoot = new ClassFileImporter().importClasses(ArchitectureTest.class);

        assertThat(failures(arrowRule(table), withRoot))
                .anySatisfy(failure -> assertThat(failure).contains("the root package may not import cycle.left"));
    }

    private static ArchRule arrowRule(Map<String, Row> table) {
        return classes().should(importOnlyAlong(table)).allowEmptyShould(true);
    }

    private static ArchCondition<JavaClass> importOnlyAlong(Map<String, Row> table) {
        return new ArchCondition<>("import only along the arrows of ARCHITECTURE.md") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                String from = packageOf(type);
                Set<String> allowed =
                        from.isEmpty() ? Set.of() : table.get(from).mayImport();
                type.getDirectDependenciesFromSelf().forEach(dependency -> {
                    JavaClass target = dependency.getTargetClass().getBaseComponentType();
                    String to = packageOf(target);
                    boolean ours = target.getPackageName().startsWith(ROOT);
                    if (ours && !to.isEmpty() && !to.equals(from) && !allowed.contains(to)) {
                        String subject = from.isEmpty() ? "the root package" : from;
                        events.add(SimpleConditionEvent.violated(
                                dependency, subject + " may not import " + to + ": " + dependency.getDescription()));
                    }
                });
            }
        };
    }

    @Test
    void packages_formNoCycle() {
        cycleRule(ROOT + ".(**)").check(OURS);
    }

    @Test
    void cycle_isNoticed() {
        JavaClasses cycle = new ClassFileImporter().importClasses(Left.class, Right.class);

        assertThat(failures(cycleRule(ROOT + ".cycle.(**)"), cycle)).isNotEmpty();
    }

    private static ArchRule cycleRule(String packages) {
        return slices().matching(packages).should().beFreeOfCycles();
    }

    @Test
    void exportedSignatures_holdNoNativeTypes() {
        codeUnitRule(exportedByTable()).check(OURS);
        fieldRule(exportedByTable()).check(OURS);
    }

    @Test
    void nativeTypeInASignature_isNoticed() {
        JavaClasses left = new ClassFileImporter().importClasses(Left.class);

        assertThat(failures(codeUnitRule(DescribedPredicate.alwaysTrue()), left))
                .singleElement()
                .satisfies(failure -> assertThat(failure).contains("segment()").contains("MemorySegment"));
    }

    private DescribedPredicate<JavaClass> exportedByTable() {
        Set<String> exported = exportedInTable();
        return DescribedPredicate.describe(
                "are exported", type -> packageOf(type).isEmpty() || exported.contains(packageOf(type)));
    }

    private static ArchRule codeUnitRule(DescribedPredicate<? super JavaClass> exported) {
        return codeUnits()
                .that(areVisible(exported))
                .should(new NoNativeType<JavaCodeUnit>() {
                    @Override
                    Stream<JavaType> typesOf(JavaCodeUnit unit) {
                        return Stream.concat(Stream.of(unit.getReturnType()), unit.getParameterTypes().stream());
                    }
                })
                .allowEmptyShould(true);
    }

    private static ArchRule fieldRule(DescribedPredicate<? super JavaClass> exported) {
        return fields().that(areVisible(exported))
                .should(new NoNativeType<JavaField>() {
                    @Override
                    Stream<JavaType> typesOf(JavaField field) {
                        return Stream.of(field.getType());
                    }
                })
                .allowEmptyShould(true);
    }

    private static DescribedPredicate<JavaMember> areVisible(DescribedPredicate<? super JavaClass> exported) {
        return DescribedPredicate.describe("are visible outside the module", member -> {
            Set<JavaModifier> modifiers = member.getModifiers();
            boolean visible = modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
            return visible && isPublic(member.getOwner()) && exported.test(member.getOwner());
        });
    }

    private static boolean isPublic(JavaClass type) {
        boolean self = type.getModifiers().contains(JavaModifier.PUBLIC);
        return self && type.getEnclosingClass().map(ArchitectureTest::isPublic).orElse(true);
    }

    /** No type of the Foreign Function and Memory API, in type arguments neither. */
    private abstract static class NoNativeType<T extends JavaMember> extends ArchCondition<T> {

        NoNativeType() {
            super("hold no type of java.lang.foreign");
        }

        abstract Stream<JavaType> typesOf(T member);

        @Override
        public void check(T member, ConditionEvents events) {
            typesOf(member)
                    .map(JavaType::getAllInvolvedRawTypes)
                    .flatMap(Collection::stream)
                    .filter(type -> type.getPackageName().equals("java.lang.foreign"))
                    .forEach(type -> events.add(
                            SimpleConditionEvent.violated(member, member.getFullName() + " shows " + type.getName())));
        }
    }

    private static List<String> failures(ArchRule rule, JavaClasses classes) {
        return rule.evaluate(classes).getFailureReport().getDetails();
    }

    /** The package's name below the root; empty for the root itself. */
    private static String packageOf(JavaClass type) {
        String name = type.getPackageName();
        return name.startsWith(ROOT + ".") ? name.substring(ROOT.length() + 1) : "";
    }
}
