package io.lethean.lem.site;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.HtmlInline;

/** What every page must keep to; each breach is a sentence with file and line. */
final class Rules {

    /** Pages of more than two screens: tables in which a reader looks something up, with the reason why they are not split. */
    static final Map<String, String> LONG_PAGES = longPages();

    private final Repository repository;
    private final Links links;
    private final List<String> faults = new ArrayList<>();
    private final List<Links.Found> found = new ArrayList<>();
    private final List<Block> blocks = new ArrayList<>();
    private final Navigation navigation;

    private Rules(Repository repository) {
        this.repository = repository;
        this.links = new Links(repository);
        this.navigation = Navigation.of(repository, links, faults::add);
    }

    /** Reads every page and checks it. */
    static Rules check(Repository repository) {
        return check(repository, LONG_PAGES);
    }

    static Rules check(Repository repository, Map<String, String> longPages) {
        Rules rules = new Rules(repository);
        repository.pages().forEach(page -> rules.checkPage(page, longPages));
        for (Page page : repository.pages()) {
            repository.pages().stream()
                    .filter(other -> other != page && other.output().equals(page.output()))
                    .forEach(
                            other -> rules.faults.add(page.source() + ": " + other.source() + " would be the same file "
                                    + page.output() + " of the site; give one of them another name"));
        }
        longPages.keySet().stream()
                .filter(source -> repository.page(source).isEmpty())
                .forEach(source -> rules.faults.add("the exception " + source + " is not a page"));
        return rules;
    }

    private static Map<String, String> longPages() {
        Map<String, String> reasons = new LinkedHashMap<>();
        reasons.put("docs/commands.md", "made of the help texts; a reader searches for a command or an option");
        reasons.put("docs/performance.md", "tables of measurements, each with the command that prints it");
        reasons.put("docs/training-proof.md", "tables of measurements, each with the test that prints it");
        reasons.put(
                "ARCHITECTURE.md", "the table of packages that a test reads, and decisions to look up one at a time");
        reasons.put("CHANGELOG.md", "a list of changes");
        return reasons;
    }

    private void checkPage(Page page, Map<String, String> longPages) {
        if (page.anchors().keySet().stream()
                        .filter(heading -> heading.getLevel() == 1)
                        .count()
                != 1) {
            faults.add(page.source() + ": a page must have one title, a heading of the first level");
        }
        for (Links.Found link : links.of(page)) {
            found.add(link);
            if (link.target() instanceof Target.Nowhere nowhere) {
                faults.add(page.source() + ":" + link.line() + ": the link " + nowhere.fault());
            }
        }
        blocks.addAll(Blocks.of(page, faults::add));
        Markdown.walk(page.document(), node -> {
            if (node instanceof HtmlInline || node instanceof HtmlBlock && !Blocks.isComment(node)) {
                faults.add(page.source() + ":" + Markdown.line(node) + ": HTML is not allowed in a page");
            }
        });
        int lines = PageLength.lines(page);
        boolean excepted = longPages.containsKey(page.source());
        if (lines > PageLength.LIMIT && !excepted) {
            faults.add(page.source() + ": the page has " + lines + " lines of " + PageLength.LINE
                    + " characters, more than the two screens of " + PageLength.SCREEN + "; split it");
        }
        if (lines <= PageLength.LIMIT && excepted) {
            faults.add(page.source() + ": the page has " + lines + " lines and needs no exception any more");
        }
    }

    Repository repository() {
        return repository;
    }

    Links links() {
        return links;
    }

    Navigation navigation() {
        return navigation;
    }

    List<String> faults() {
        return faults;
    }

    List<Links.Found> found() {
        return found;
    }

    List<Block> blocks() {
        return blocks;
    }
}
